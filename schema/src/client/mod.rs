//! Clients, their contacts and locations, one at a time or in batches. It must not know invoices beyond a balance.

mod batch;
mod client_rules;
mod contact_rules;
mod create_clients;
mod faults;
mod listed;
mod location_rules;
mod onboarding;
mod open_deal;
mod opt_outs;
mod parts;
mod phones;
mod row;
mod subscription;
mod update_clients;

#[cfg(test)]
mod tests;

pub use self::onboarding::labelled;
use crate::{rule::Rules, verb::Verb};

/// Hand-written mutations.
pub const VERBS: &[(&str, Verb)] =
    &[("createClients", create_clients::create_clients), ("updateClients", update_clients::update_clients)];

/// What generic mutations add.
pub const RULES: &[(&str, Rules)] = &[
    ("createClient", Rules { before: Some(client_rules::before_create), after: Some(client_rules::after) }),
    ("updateClient", Rules { before: Some(client_rules::before_update), after: Some(client_rules::after) }),
    ("deleteClient", Rules { before: Some(client_rules::before_delete), after: None }),
    ("addContact", Rules { before: Some(contact_rules::before_add), after: None }),
    ("updateContact", Rules { before: Some(contact_rules::before_update), after: None }),
    ("addLocation", Rules { before: Some(location_rules::before_add), after: None }),
    ("updateLocation", Rules { before: Some(location_rules::before_update), after: None }),
];
