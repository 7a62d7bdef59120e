//! Tickets: requests for support and jobs in the field. It must not know who asks: the engine checks rights.

mod assign;
mod close;
mod rules;
#[cfg(test)]
mod tests;

use crate::{rule::Rules, verb::Verb};

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[("assignTicket", assign::assign_ticket), ("closeTicket", close::close_ticket)];

/// What tickets add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createTicket", Rules { before: Some(rules::create), after: None }),
    ("updateTicket", Rules { before: Some(rules::update), after: None }),
];
