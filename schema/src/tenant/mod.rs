//! Companies of the group: what their rows must hold, and the time by which their people live.

mod rules;
pub mod time;

use crate::rule::Rules;

/// What companies add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createTenant", Rules { before: Some(rules::check), after: None }),
    ("updateTenant", Rules { before: Some(rules::check), after: None }),
];
