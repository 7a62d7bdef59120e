//! News of a company for its staff. It must not know who asks: the engine checks rights.

mod body;
mod publish;
mod rules;
#[cfg(test)]
mod tests;

use crate::{rule::Rules, verb::Verb};

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[("publishAnnouncement", publish::publish_announcement)];

/// What announcements add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createAnnouncement", Rules { before: Some(rules::check), after: None }),
    ("updateAnnouncement", Rules { before: Some(rules::check), after: None }),
];
