//! The server and its command line: wiring only. Rules live in the crate `groupgraph-schema`.

pub mod cli;
pub mod config;
pub mod http;
pub mod instance;
#[expect(clippy::unused_async, reason = "the real ones wait for the database")]
pub mod pending;
pub mod telemetry;
