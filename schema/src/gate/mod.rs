//! What every operation passes before the engine sees it, by whichever way it came: its text is read within limits,
//! its size is counted without writing fragments out, its cost is estimated. It must not know HTTP or tables.

mod answer;
mod cost;
mod document;
mod inputs;
mod introspection;
mod measure;
mod refusal;
mod schema;
mod shape;
mod text;
mod typename;
mod values;

pub use document::{Document, Operation};
pub use refusal::{Limit, Refusal};
pub use schema::{Admitted, Checked, Schema, Trusted};
pub use text::at_most;

#[cfg(test)]
mod tests;
