//! Notes, reminders and files: what piles up with a lead, a prospect or a client. It must not know who asks: the
//! engine checks rights.

mod add_file;
mod delete_file;
mod follow_up;
mod note_rules;
mod reminder_rules;
#[cfg(test)]
mod tests;

use crate::{rule::Rules, verb::Verb};

pub use crate::upload::store_image;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] =
    &[("addLeadFile", add_file::add_lead_file), ("deleteLeadFile", delete_file::delete_lead_file)];

/// What notes and reminders add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("addNote", Rules { before: Some(note_rules::add), after: Some(note_rules::move_party) }),
    ("updateNote", Rules { before: Some(note_rules::update), after: None }),
    ("addReminder", Rules { before: Some(reminder_rules::add), after: None }),
];
