//! Goals of the staff and how far they are. It must not know who asks: the engine checks rights.

mod achieved;
mod rules;
#[cfg(test)]
mod tests;

pub use achieved::achieved;

use crate::rule::Rules;

/// What goals add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createGoal", Rules { before: Some(rules::check), after: None }),
    ("updateGoal", Rules { before: Some(rules::check), after: None }),
];
