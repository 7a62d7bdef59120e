//! Values of arguments, and how often they count.

use async_graphql::{Variables, parser::parse_query};
use serde_json::{Value, json};

use crate::gate::inputs::Inputs;

fn inputs(text: &str, variables: Value) -> u64 {
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    Inputs::of(&document, &operation.node).with(&Variables::from_json(variables))
}

#[test]
fn written_values_count_where_they_are_checked_and_where_they_are_put_in() {
    for (text, expected) in [
        ("{ a(b: 1, c: true, d: X, e: null, f: \"text\") }", 0),
        ("{ a(b: [1, 2]) }", 2 * 2),
        ("{ a(b: {c: [1, 2], d: {}}) }", 2 * 4),
        ("{ a @include(if: [true]) }", 2),
        ("{ ... @x(y: [1]) { b } ...F @x(y: [1]) } fragment F on T @x(y: [1]) { c }", 2 * 2 + 1),
        ("{ ...F ...F } fragment F on T { a(b: [1]) }", 1 + 2),
        ("{ a } fragment F on T { a(b: [1, 2]) }", 2),
    ] {
        assert_eq!(inputs(text, json!({})), expected, "{text}");
    }
    let long = format!("{{ a(b: \"{}\") }}", "x".repeat(10_000));
    assert_eq!(inputs(&long, json!({})), 2 * 10);
}

#[test]
fn variables_count_as_often_as_they_are_used() {
    let text = "query($v: [Int] = [1, 2, 3], $other: X) { a(b: $v) ...F ...F } fragment F on T { a(b: {c: $v}) }";
    // Written once in the operation and once in the fragment, put in three times; the member c of the fragment too.
    let member = 3;
    for (variables, expected) in [
        (json!({}), 3 * 5),
        (json!({"v": null}), 0),
        (json!({"v": 7}), 0),
        (json!({"v": [[1], {"a": 2}]}), 4 * 5),
        (json!({"v": "x".repeat(2_999)}), 2 * 5),
        (json!({"v": [], "other": [1, 2, 3], "unknown": [1]}), 0),
    ] {
        assert_eq!(inputs(text, variables.clone()), expected + member, "{variables}");
    }
}
