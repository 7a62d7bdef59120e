//! x
pub mod passwords;
