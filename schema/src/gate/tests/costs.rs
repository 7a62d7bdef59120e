//! What operations cost.

use async_graphql::{Variables, parser::parse_query};
use serde_json::json;

use crate::{gate::cost::Cost, settings::Graphql};

fn cost(text: &str, variables: serde_json::Value) -> u64 {
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    Cost::of(&document, &operation.node, 100).with(&Variables::from_json(variables))
}

fn budget() -> u64 {
    Graphql::default().max_cost as u64
}

#[test]
fn rows_count_as_often_as_asked_for() {
    for (text, expected) in [
        ("{ __typename }", 1),
        ("{ lead(by: {number: 1}) { name owner { name } } }", 4),
        ("{ leads(first: 10) { nodes { name number } totalCount } }", 3 + 10 * 2),
        ("{ leads(last: 10) { edges { cursor node { name } } } }", 2 + 10 * 3),
        ("{ leads { nodes { name } } }", 2 + 25),
        ("{ leads(first: 10) { nodes { notes(first: 4) { nodes { number } } } } }", 2 + 10 * (2 + 4)),
        (
            "{ leads(first: 10) { ...P } } fragment P on LeadConnection { nodes { ...L } } fragment L on Party { name }",
            12,
        ),
        ("{ node(id: \"x\") { ... on Lead { notes(first: 4) { nodes { number } } } } }", 1 + 2 + 4),
        ("{ nodes(ids: []) { id } }", 1 + 10),
        ("{ nothing { nodes { name } } }", 1),
    ] {
        assert_eq!(cost(text, json!({})), expected, "{text}");
    }
}

#[test]
fn variables_say_how_many_rows() {
    let text = "query($n: Int = 7, $m: Int) { leads(first: $n) { nodes { notes(first: $m) { nodes { number } } } } }";
    for (variables, expected) in [
        (json!({}), 2 + 7 * (2 + 25)),
        (json!({"n": 50}), 2 + 50 * (2 + 25)),
        (json!({"n": 50, "m": 3}), 2 + 50 * (2 + 3)),
        (json!({"n": null, "m": -1}), 2 + 25 * (2 + 25)),
    ] {
        assert_eq!(cost(text, variables.clone()), expected, "{variables}");
    }
    let all = u64::MAX;
    assert_eq!(cost(text, json!({"n": all, "m": all})), 2 + 100 * (2 + 100), "larger pages are refused by name");
}

#[test]
fn a_rich_page_fits_and_a_cube_does_not() {
    let fields = (0..20).map(|_| "name ").collect::<String>();
    let relations = ["owner", "client", "prospect", "stage", "country"];
    let relations = relations.map(|name| format!("{name} {{ number name }} ")).concat();
    let page = format!("{{ leads(first: 100) {{ nodes {{ {fields} {relations} }} totalCount }} }}");
    assert!(cost(&page, json!({})) < budget() / 10);
    let cube = "{ clients(first: 100) { nodes { deals(first: 100) { nodes { client { deals(first: 100) { nodes { id } } } } } } } }";
    assert!(cost(cube, json!({})) > budget() * 10);
}

#[test]
fn tools_may_read_the_schema_but_not_go_round_in_it() {
    let standard = cost(include_str!("introspection.graphql"), json!({}));
    assert!((10_000..budget()).contains(&standard), "{standard}");
    for path in [
        "__schema types fields type fields type fields name",
        "__type fields type fields type fields type fields name",
        "__type possibleTypes interfaces possibleTypes interfaces fields name",
    ] {
        let depth = path.split(' ').count();
        let circle = format!("{{ {} {}", path.replace(' ', " { "), "}".repeat(depth));
        assert!(cost(&circle, json!({})) > budget(), "{circle}: {}", cost(&circle, json!({})));
    }
}
