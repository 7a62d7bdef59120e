//! What answers look like: keys in the order of the operation, few and short errors that betray nothing.

use async_graphql::{Request, Response};

use crate::{trial::Trial, viewer::Viewer};

async fn answer(text: &str) -> Response {
    let trial = Trial::new().await;
    crate::schema(trial.hub).execute(Request::new(text).data(Trial::grace())).await
}

#[tokio::test]
async fn root_fields_come_in_the_order_of_the_operation() {
    let text = "{ ...F z: __typename leads { totalCount } deals { totalCount } a: lead(by: {number: 1}) { name } }
        fragment F on Query { clients { nodes { name } } z: __typename b: __typename }";
    let json = serde_json::to_string(&answer(text).await).unwrap();
    let places: Vec<_> = ["clients", "z", "b", "leads", "deals", "a"]
        .map(|key| json.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key}: {json}")))
        .into();
    assert!(places.is_sorted(), "{json}");
}

#[tokio::test]
async fn a_field_that_failed_is_null_and_one_that_must_not_be_takes_all_with_it() {
    let schema = crate::schema(Trial::new().await.hub);
    for (text, expected) in [
        ("{ a: __typename lead(by: {number: 1}) { name } b: __typename }", r#"{"a":"Query","lead":null,"b":"Query"}"#),
        ("{ lead(by: {number: 1}) { name } }", r#"{"lead":null}"#),
        ("{ a: __typename leads { totalCount } }", "null"),
    ] {
        let response = schema.execute(Request::new(text).data(Viewer::default())).await;
        assert_eq!(serde_json::to_string(&response.data).unwrap(), expected, "{text}");
        assert_eq!(response.errors.len(), 1, "{text}");
    }
}

#[tokio::test]
async fn unknown_fields_get_a_short_answer_without_suggestions() {
    let fields = (0..900).map(|index| format!("leadd{index}")).collect::<Vec<_>>().join(" ");
    let response = answer(&format!("{{ lead(by: {{number: 1}}) {{ nam {fields} }} }}")).await;
    assert_eq!(response.errors.len(), 20);
    let json = serde_json::to_string(&response).unwrap();
    assert!(!json.contains("Did you mean") && json.len() < 10_000, "{json}");
    let long = answer(&format!("{{ {} }}", "x".repeat(50_000))).await;
    assert!(serde_json::to_string(&long).unwrap().len() < 1000);
}
