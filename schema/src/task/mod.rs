//! Tasks of the staff. It must not know who asks: the engine checks rights.

mod rules;
#[cfg(test)]
mod tests;

use crate::rule::Rules;

/// What tasks add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createTask", Rules { before: Some(rules::check), after: Some(rules::assign_viewer) }),
    ("updateTask", Rules { before: Some(rules::check), after: None }),
];
