//! The test application: a whole instance in this process, callers of every kind, rows put in directly.

pub mod actor;
pub mod app;
pub mod database;
pub mod group;
pub mod receiver;
pub mod rows;
pub mod sdl;
pub mod socket;
pub mod source;
pub mod world;

pub use actor::Actor;
pub use app::TestApp;
