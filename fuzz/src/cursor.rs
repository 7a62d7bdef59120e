//! Cursors of lists: the first byte chooses the order, the rest is the cursor, or the JSON inside one.

use groupgraph_schema::engine::{
    model::Leaf,
    order::{Term, beyond, decode, encode},
};

/// Runs one input.
pub fn run(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let leaves = [Leaf::Text, Leaf::Instant, Leaf::Day, Leaf::Float, Leaf::Boolean, Leaf::Integer];
    let terms: Vec<Term> = leaves
        .into_iter()
        .enumerate()
        .filter(|(index, _)| choice >> index & 1 == 1)
        .map(|(index, leaf)| Term {
            is_joined: false,
            sql: "x".to_owned(),
            leaf,
            is_descending: choice >> 6 & 1 == 1,
            is_nullable: index % 2 == 0,
        })
        .collect();
    let json = serde_json::from_str::<Vec<serde_json::Value>>(text).ok();
    for cursor in json.map(|values| encode(&values)).into_iter().chain([text.to_owned()]) {
        if let Ok(keyset) = decode(&cursor, &terms, "after") {
            let _ = beyond(&terms, &keyset, "id", choice >> 7 == 1);
        }
    }
}
