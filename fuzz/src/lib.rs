//! What is fuzzed, one file each: also run over the corpus by the tests of the workspace, without a fuzzer.

pub mod cursor;
pub mod gate;
pub mod merged_cursor;
pub mod query_string;

/// A name and what takes one input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them, by the names of their folders in `corpus`.
pub const TARGETS: [Target; 4] = [
    ("cursor", cursor::run),
    ("gate", gate::run),
    ("merged_cursor", merged_cursor::run),
    ("query_string", query_string::run),
];
