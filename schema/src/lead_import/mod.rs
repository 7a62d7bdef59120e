//! Leads that providers send, one by one or in bulk: the same rules for both, every attempt recorded, and what was
//! imported counted from that. It must not know how the system of record is called.

mod apply;
mod attempt;
mod check;
mod import_lead;
mod import_leads;
mod row;
pub mod settings;
mod statistics;

pub use check::check;
pub use settings::import_settings;
pub use statistics::statistics;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("importLead", import_lead::import_lead),
    ("importLeads", import_leads::import_leads),
    ("updateImportSettings", settings::update),
];
