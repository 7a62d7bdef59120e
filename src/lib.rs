//! The server and its command line: wiring only. Rules live in the crate `groupgraph-schema`.

pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod instance;
pub mod seed;
pub mod telemetry;
