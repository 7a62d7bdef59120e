//! Deals and the pipelines they are worked in. It must not know who asks: the engine checks rights.

mod close;
mod move_stage;
pub(crate) mod open;
pub(crate) mod outcome;
mod pipeline;
pub(crate) mod placement;
mod rules;
#[cfg(test)]
mod tests;

use crate::{check, rule::Rules, verb::Verb};

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] =
    &[("moveDeal", move_stage::move_deal), ("winDeal", close::win_deal), ("loseDeal", close::lose_deal)];

/// What deals, pipelines and stages add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createDeal", Rules { before: Some(rules::create), after: Some(rules::keep_owner_member) }),
    ("updateDeal", Rules { before: Some(rules::update), after: Some(rules::keep_owner_member) }),
    ("savePipeline", Rules { before: Some(check::named), after: None }),
    ("deletePipeline", Rules { before: Some(pipeline::release_pipeline), after: None }),
    ("saveStage", Rules { before: Some(pipeline::check_stage), after: None }),
    ("deleteStage", Rules { before: Some(pipeline::release_stage), after: None }),
];
