//! Goals of the staff and how far they are. It must not know who asks: the engine checks rights.

mod achieved;
mod progress;
mod rules;
#[cfg(test)]
mod tests;

pub use achieved::achieved;
pub use progress::{progress, units_achieved};

use crate::{notification, rule::Rules, verb::Verb};

/// The hand-written mutations of the schema of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = notification::VERBS;

/// What goals add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createGoal", Rules { before: Some(rules::check), after: None }),
    ("updateGoal", Rules { before: Some(rules::check), after: None }),
];
