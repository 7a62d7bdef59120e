//! Prospects, their follow-up and their imports. It must not know deals or invoices.

mod announce;
mod board;
pub(crate) mod follow_up;
pub mod import;
mod lifecycle;
mod move_prospect;
mod naming;
mod prospect_rules;
mod qualify;
mod tally;
mod update_follow_up;
mod update_partner_profile;

#[cfg(test)]
mod tests;

pub use announce::send as send_news;
pub use board::board;
pub use import::import_preview;
pub use tally::{count as tallied, keep as keep_tally};

use crate::{rule::Rules, verb::Verb};

/// Hand-written mutations.
pub const VERBS: &[(&str, Verb)] = &[
    ("createProspects", import::create_prospects),
    ("moveProspect", move_prospect::move_prospect),
    ("qualifyProspect", qualify::qualify_prospect),
    ("updateFollowUp", update_follow_up::update_follow_up),
    ("updatePartnerProfile", update_partner_profile::update_partner_profile),
];

/// What generic mutations add.
pub const RULES: &[(&str, Rules)] = &[
    (
        "createProspect",
        Rules { before: Some(prospect_rules::before_create), after: Some(prospect_rules::after_create) },
    ),
    ("updateProspect", Rules { before: Some(prospect_rules::before_update), after: None }),
];
