//! Asks all sources at once and merges what they answer into one ordered page. `question` says what is asked,
//! `fanout` asks it, `read` and `project` turn answers into rows, `merge` and `cursor` order them; `registry` knows
//! the sources, `handshake` decides what one may answer for. It must not know the types of the GraphQL engine.

pub mod address;
pub mod breaker;
pub mod collection;
pub mod contract;
pub mod cursor;
pub mod document;
pub mod key;
pub mod merge;
pub mod outline;
pub mod project;
pub mod question;
pub mod read;

#[cfg(test)]
#[path = "tests/sample.rs"]
mod sample;
