//! Reports of misconduct. Who filed one without a name is known to nobody but that person: no log line, no author of
//! the proof, no notification says it.

mod file;
#[cfg(test)]
mod tests;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[("fileWhistleReport", file::file_whistle_report)];
