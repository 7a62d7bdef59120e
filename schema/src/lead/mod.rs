//! Leads: raw contacts, and how they become clients or prospects. It must not know who asks: the engine checks rights.

mod budget;
mod close;
mod convert_to_client;
mod convert_to_prospect;
mod release;
mod rules;
#[cfg(test)]
mod tests;

use crate::{check, rule::Rules, verb::Verb};

pub use budget::upper_end;
pub(crate) use rules::first_status;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("convertLeadToClient", convert_to_client::convert_lead_to_client),
    ("convertLeadToProspect", convert_to_prospect::convert_lead_to_prospect),
];

/// What leads, their statuses and sources add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createLead", Rules { before: Some(rules::create), after: None }),
    ("updateLead", Rules { before: Some(rules::update), after: None }),
    ("saveLeadStatus", Rules { before: Some(check::named), after: None }),
    ("deleteLeadStatus", Rules { before: Some(release::release_status), after: None }),
    ("saveLeadSource", Rules { before: Some(check::named), after: None }),
    ("deleteLeadSource", Rules { before: Some(release::release_source), after: None }),
];
