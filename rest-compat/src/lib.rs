//! REST interfaces of older systems over a GraphQL schema: an endpoint is an operation file. Everything is checked
//! before anything is served. It must not know tables, sources, or how requests arrive.

mod batch;
pub mod bind;
pub mod catalog;
mod compile;
mod directive;
pub mod endpoint;
pub mod execute;
pub mod failure;
mod format;
pub mod input;
pub mod listing;
mod literal;
pub mod openapi;
mod pages;
pub mod problem;
pub mod render;
pub mod route;
pub mod shape;
pub mod sources;
pub mod system;

pub use catalog::{Catalog, System};
pub use execute::{Answer, Executor, call};
