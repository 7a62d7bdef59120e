//! The GraphQL schema of groupgraph and everything behind it: rows, rules, rights, federation.
//! It must not know HTTP, configuration files or the command line.

pub mod announcement;
pub mod check;
pub mod database;
pub mod deal;
pub mod error;
pub mod events;
pub mod files;
pub mod goal;
pub mod hub;
pub mod identity;
pub mod lead;
pub mod lookup;
pub mod mail;
pub mod money;
pub mod note;
pub mod notification;
pub mod permission;
pub mod phone;
pub mod reference;
pub mod rule;
pub mod sealing;
pub mod settings;
pub mod staff;
pub mod task;
pub mod tenant;
pub mod ticket;
pub mod upload;
pub mod verb;
pub mod viewer;
