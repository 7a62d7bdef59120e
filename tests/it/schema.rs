//! The schema as clients meet it: committed, printed, introspected.

use crate::support::{TestApp, sdl::SDL};

#[test]
fn the_committed_schema_is_the_printed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/schema.graphql");
    let committed = std::fs::read_to_string(path).expect("the schema is committed");
    assert!(committed == groupgraph_schema::sdl(), "run `cargo run -- schema print > schema/schema.graphql`");
}

#[tokio::test]
async fn introspection_describes_everything() {
    let app = TestApp::start().await;
    let answer = app
        .anonymous()
        .query(
            "{ __schema { queryType { name } mutationType { name } subscriptionType { name } \
             types { name kind description fields(includeDeprecated: true) { name description args { name } } \
             inputFields { name description } enumValues { name description } interfaces { name } } } }",
        )
        .await;
    assert_eq!(answer.text("__schema.queryType.name"), "Query");
    assert_eq!(answer.text("__schema.mutationType.name"), "Mutation");
    assert_eq!(answer.text("__schema.subscriptionType.name"), "Subscription");
    let (mut silent, mut seen) = (Vec::new(), Vec::new());
    for found in answer.data("__schema.types").as_array().expect("types") {
        let name = found["name"].as_str().expect("a name");
        seen.push(name.to_owned());
        if name.starts_with("__") {
            continue;
        }
        let described = |value: &serde_json::Value| value["description"].as_str().is_some_and(|text| !text.is_empty());
        // The specification describes those that are built in.
        if !described(found) && !["Int", "Float", "String", "Boolean", "ID"].contains(&name) {
            silent.push(name.to_owned());
        }
        for list in ["fields", "inputFields"] {
            for field in found[list].as_array().into_iter().flatten() {
                if !described(field) {
                    silent.push(format!("{name}.{}", field["name"].as_str().expect("a name")));
                }
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    for of in SDL.objects() {
        assert!(seen.iter().any(|name| name == of), "{of} is not introspected");
    }
}

#[tokio::test]
async fn a_validation_error_says_what_is_wrong() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    for (query, said) in [
        ("{ nonsense }", "nonsense"),
        ("{ leads { nodes { nonsense } } }", "nonsense"),
        ("{ leads(first: \"many\") { totalCount } }", "first"),
        ("{ lead(by: {nonsense: 1}) { name } }", "nonsense"),
        ("{ leads }", "leads"),
        ("{ leads { nodes ", "expected"),
    ] {
        let answer = viewer.query(query).await;
        assert!(answer.message().contains(said), "{query}: {}", answer.message());
        assert!(answer.json["data"].is_null(), "{query}");
    }
}
