//! The systems of subsidiaries: how they join, are checked, changed and removed. What they answer is
//! `federation`'s business.

pub mod admin;
pub mod assertion;
mod change;
mod check;
mod enrolment;
mod heartbeat;
mod join;
mod lease;
mod local;
mod mappings;
pub(crate) mod numbers;
mod register;
mod state;
mod values;
mod watch;

pub use heartbeat::{keep_alive, renew_lease};
pub use join::{JoinError, Joined, PERMISSIONS, Subsidiary, join};
pub use watch::keep_checked;

use crate::verb::Verb;

/// The mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("createEnrolmentToken", enrolment::create_enrolment_token),
    ("registerSource", register::register_source),
    ("updateSource", change::update_source),
    ("suspendSource", state::suspend_source),
    ("resumeSource", state::resume_source),
    ("removeSource", state::remove_source),
    ("rotateSourceCredential", change::rotate_source_credential),
    ("probeSource", state::probe_source),
    ("renewSourceLease", lease::renew_source_lease),
];

#[cfg(test)]
mod tests;
