//! `__typename` with directives.

use async_graphql::{Request, Variables};
use serde_json::json;

use crate::trial::Trial;

#[tokio::test]
async fn a_variable_may_be_used_there_alone() {
    let schema = crate::schema(Trial::new().await.hub);
    let text = "query($x: Boolean!) { a: __typename @include(if: $x) ...F ... on Query { c: __typename @skip(if: $x) } } \
        fragment F on Query { b: __typename @skip(if: $x) }";
    for (is, expected) in [(true, json!({"a": "Query"})), (false, json!({"b": "Query", "c": "Query"}))] {
        let request = Request::new(text).variables(Variables::from_json(json!({ "x": is })));
        let response = schema.execute(request).await;
        assert!(response.is_ok(), "{:?}", response.errors);
        assert_eq!(response.data.into_json().unwrap(), expected);
    }
}

#[tokio::test]
async fn its_directives_are_checked() {
    let schema = crate::schema(Trial::new().await.hub);
    for text in ["{ __typename @nonsense }", "{ __typename @include }", "{ __typename @skip(if: 1) }"] {
        let response = schema.execute(text).await;
        assert!(!response.errors.is_empty() && response.errors[0].path.is_empty(), "{text}");
    }
}
