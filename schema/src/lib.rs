//! The GraphQL schema of groupgraph and everything behind it: rows, rules, rights, federation.
//! It must not know HTTP, configuration files or the command line.

pub mod database;
pub mod error;
pub mod events;
pub mod files;
pub mod hub;
pub mod identity;
pub mod mail;
pub mod reference;
pub mod rule;
pub mod sealing;
pub mod settings;
pub mod verb;
pub mod viewer;
