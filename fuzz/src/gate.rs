//! Documents: as text, or, after a first byte of 255, as one word of the vocabulary per byte, so that long documents
//! that parse are found. What the gate lets pass must pass the engine's validation in bounded time.

use std::sync::LazyLock;

use async_graphql::{Request, Schema};
use futures_util::FutureExt;
use groupgraph_schema::{
    engine::roots::{Mutation, Query, Subscription},
    gate::Document,
    settings::Graphql,
};

const WORDS: [&str; 48] = [
    "{",
    "}",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "!",
    "=",
    "...",
    "...",
    "on",
    "fragment",
    "query",
    "mutation",
    "subscription",
    "A",
    "B",
    "C",
    "D",
    "Query",
    "Lead",
    "LeadConnection",
    "Node",
    "Party",
    "@skip(if: true)",
    "@a",
    "leads",
    "nodes",
    "edges",
    "node",
    "name",
    "owner",
    "notes",
    "first:",
    "100",
    "last:",
    "$n",
    "Int",
    "\"x\"",
    "\"\"\"",
    "__typename",
    "__schema",
    "types",
    "fields",
];

// Without a hub every root field fails, after validation has run.
static SCHEMA: LazyLock<Schema<Query, Mutation, Subscription>> =
    LazyLock::new(|| Schema::build(Query, Mutation, Subscription).limit_recursive_depth(64).finish());

/// Runs one input.
pub fn run(data: &[u8]) {
    let text = match data.split_first() {
        Some((255, words)) => {
            let words = words.iter().map(|byte| WORDS[usize::from(*byte) % WORDS.len()]);
            words.collect::<Vec<_>>().join(" ")
        }
        _ => match std::str::from_utf8(data) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        },
    };
    let limits = Graphql::default();
    let Ok(document) = Document::read(&text, &limits, false) else { return };
    document.check(&limits).expect("what was read is within the limits");
    if let Some(operation) = document.operation(None) {
        let cost = operation.check(&async_graphql::Variables::default(), &limits);
        if cost.is_ok() {
            let mut request = Request::new(text);
            request.set_parsed_query(document.parsed.clone());
            SCHEMA.execute(request).now_or_never().expect("nothing to wait for without a hub");
        }
    }
}
