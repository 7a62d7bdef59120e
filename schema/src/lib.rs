//! The GraphQL schema of groupgraph and everything behind it: rows, rules, rights, federation.
//! It must not know HTTP, configuration files or the command line.

pub mod activity;
pub mod amount;
pub mod announcement;
pub mod audit;
pub mod background;
pub mod call_record;
pub mod catalog;
pub mod check;
pub mod choice;
pub mod client;
pub mod company;
pub mod compare;
pub mod database;
pub mod deal;
pub mod delivery;
pub mod directory;
pub mod email;
pub mod engine;
pub mod error;
pub mod error_log;
pub mod events;
pub mod federation;
pub mod files;
#[cfg(test)]
pub(crate) mod fixture;
pub mod gate;
pub mod global;
pub mod goal;
pub mod halopsa;
pub mod health;
pub mod hub;
pub mod identity;
pub mod invoice;
pub mod lead;
pub mod lead_import;
pub mod lookup;
pub mod mail;
mod members;
pub mod money;
pub mod note;
pub mod notification;
pub mod outside;
pub mod payroll;
pub mod performance;
pub mod permission;
pub mod phone;
pub mod product;
pub mod prospect;
pub mod quota;
pub mod record;
pub mod reference;
pub mod registry;
pub mod rule;
pub mod sealing;
pub mod settings;
pub mod source;
pub mod staff;
pub mod subscription;
pub mod task;
pub mod tenant;
pub mod ticket;
pub mod tree;
#[cfg(test)]
mod trial;
pub mod upload;
pub mod verb;
pub mod verification;
pub mod viewer;
pub mod webhook;
pub mod whistle;

pub use gate::Schema;
use hub::Hub;

/// Builds the schema of an instance.
#[must_use]
pub fn schema(hub: Hub) -> Schema {
    // A faulty schema shows at start, not at the first request.
    std::sync::LazyLock::force(&engine::MODEL);
    let limits = hub.settings.graphql.clone();
    Schema::new(hub, limits)
}

/// The schema as clients meet it, as SDL.
#[must_use]
pub fn sdl() -> String {
    engine::print::print(&engine::DOCUMENT)
}
