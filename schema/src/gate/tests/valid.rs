//! Documents that were found valid once: what a request brings may still be wrong.

use async_graphql::{Request, Response, Variables};
use serde_json::{Value, json};

use crate::{gate::Schema, trial::Trial};

async fn ask(schema: &Schema, text: &str, variables: Value) -> Response {
    let request = Request::new(text).variables(Variables::from_json(variables)).data(Trial::grace());
    schema.execute(request).await
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_every_time() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "query($n: Int!, $f: LeadFilter, $o: [LeadOrder!] = [{field: NAME}]) {
        leads(first: $n, filter: $f, orderBy: $o) { nodes { name } } }";
    let good = json!({"n": 1, "f": {"name": {"eq": "x"}, "and": [{"number": {"gt": 1}}]}, "o": {"field": "NAME"}});
    for _ in 0..2 {
        let answer = ask(&schema, text, good.clone()).await;
        assert!(answer.is_ok(), "{:?}", answer.errors);
        for (member, value) in [
            ("n", json!("1")),
            ("n", json!(1.5)),
            ("n", json!(3_000_000_000_i64)),
            ("n", Value::Null),
            ("f", json!({"nonsense": 1})),
            ("f", json!({"name": {"eq": 1}})),
            ("f", json!({"name": "x"})),
            ("o", json!([{"field": "NONSENSE"}])),
            ("o", json!([{"direction": "ASC"}])),
            ("o", json!([null])),
        ] {
            let mut variables = good.clone();
            variables[member] = value.clone();
            let answer = ask(&schema, text, variables).await;
            assert!(!answer.errors.is_empty() && answer.errors[0].path.is_empty(), "{member}: {value}");
        }
    }
}

#[tokio::test]
async fn a_variable_that_must_have_a_value_is_named() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "query($n: Int!) { leads(first: $n) { totalCount } }";
    for variables in [json!({}), json!({"n": null}), json!({"m": 1})] {
        let answer = ask(&schema, text, variables).await;
        assert_eq!(answer.errors[0].message, "The variable $n must have a value.");
        assert!(answer.errors[0].path.is_empty() && !answer.errors[0].locations.is_empty());
    }
    assert!(ask(&schema, text, json!({"n": 1})).await.is_ok());
}

#[tokio::test]
async fn what_stands_beside_a_missing_variable_is_looked_at_once_it_is_there() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "query($n: String) { leads(filter: {name: {eq: $n}, nonsense: 1}) { nodes { name } } }";
    ask(&schema, text, json!({})).await;
    assert!(!ask(&schema, text, json!({"n": "x"})).await.errors.is_empty());
}

#[tokio::test]
async fn fields_come_and_go_with_their_conditions() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "query($x: Boolean = true) { a: __typename @skip(if: $x) leads(first: 1) @include(if: $x) { totalCount
        pageInfo @skip(if: $x) { hasNextPage } ...F @include(if: $x) } } fragment F on LeadConnection { n: totalCount }";
    for _ in 0..2 {
        for (variables, expected) in [
            (json!({}), json!({"leads": {"totalCount": 0, "n": 0}})),
            (json!({"x": true}), json!({"leads": {"totalCount": 0, "n": 0}})),
            (json!({"x": false}), json!({"a": "Query"})),
        ] {
            let answer = ask(&schema, text, variables).await;
            let data: Value = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
            assert_eq!(data["data"], expected, "{:?}", answer.errors);
        }
    }
}

#[tokio::test]
async fn the_schema_and_rows_answer_together() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "{ t: __type(name: \"Nothing\") { name } leads { totalCount } __schema { queryType { name } } \
        none: lead(by: {number: 9}) { name } }";
    let json = serde_json::to_string(&ask(&schema, text, json!({})).await).unwrap();
    let expected =
        r#"{"data":{"t":null,"leads":{"totalCount":0},"__schema":{"queryType":{"name":"Query"}},"none":null}}"#;
    assert_eq!(json.replace(r#","extensions":{}"#, ""), expected);
}
