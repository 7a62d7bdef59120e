//! `node` and `nodes`: rows of every type by their global ids, and how selections are read.

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
    sdl::SDL,
    world::World,
};

/// Global ids of all rows of a world.
fn ids(app: &TestApp, world: &World) -> Vec<(&'static str, String)> {
    world.rows().map(|(of, number)| (of, app.id(of, number))).collect()
}

#[tokio::test]
async fn every_type_is_found_by_its_id() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let world = app.world(HEAD_OFFICE, viewer.number).await;
    let ids = ids(&app, &world);
    let made: Vec<&str> = ids.iter().map(|(of, _)| *of).collect();
    for of in SDL.objects() {
        let has_id = SDL.fields(of).iter().any(|field| field.name.node == "id" && field.ty.node.to_string() == "ID!");
        let is_node = has_id && !of.ends_with("Change");
        assert!(!is_node || made.contains(&of), "the world lacks a {of}");
    }
    for (of, id) in &ids {
        let number = if SDL.fields(of).iter().any(|field| field.name.node == "number") { "number" } else { "id" };
        let query = format!("query($id: ID!) {{ node(id: $id) {{ id __typename ... on {of} {{ {number} }} }} }}");
        let answer = viewer.query_with(&query, json!({ "id": id })).await;
        assert_eq!((answer.data("node.id"), answer.data("node.__typename")), (&json!(id), &json!(of)));
        if number == "number" {
            assert_eq!(answer.number("node.number"), world.number(of));
        }
    }
    // A query takes a hundred at most.
    let all: Vec<&String> = ids.iter().map(|(_, id)| id).take(100).collect();
    let answer = viewer.query_with("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": all })).await;
    assert_eq!(answer.texts("nodes", "id"), all.into_iter().cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn ids_of_nothing_visible_are_null() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let lead = app.id("Lead", world.number("Lead"));
    let foreign = encoded("Lead", "00000000-0000-4000-8000-000000000000", world.number("Lead"));
    let instance = app.hub.instance.to_string();
    let odd = [
        foreign,
        encoded("Lead", &instance, 999_999),
        encoded("Nonsense", &instance, 1),
        encoded("Query", &instance, 1),
        encoded("InvoiceLine", &instance, 1),
        "nonsense".to_owned(),
        String::new(),
        "%%%".to_owned(),
        "TGVhZA".to_owned(),
    ];
    for id in &odd {
        let answer = admin.query_with("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(answer.data("node"), &Value::Null, "{id}");
    }
    let mixed: Vec<Value> =
        odd.iter().cloned().chain([lead.clone()]).chain(odd.iter().cloned()).map(Value::from).collect();
    let answer = admin.query_with("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": mixed })).await;
    let found: Vec<&Value> = answer.data("nodes").as_array().expect("a list").iter().collect();
    assert_eq!(found.len(), odd.len() * 2 + 1);
    assert_eq!(found.iter().filter(|row| !row.is_null()).count(), 1);
    assert_eq!(found[odd.len()]["id"], json!(lead));

    let nobody = app.staff("Nobody", &[]).await;
    let mut wrong = Vec::new();
    for (of, id) in ids(&app, &world) {
        let answer = nobody.query_with("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        let is_open = [
            "Announcement",
            "Country",
            "CustomField",
            "Department",
            "FollowUpCategory",
            "LeadSource",
            "LeadStatus",
            "LookupCategory",
            "LookupValue",
            "Pipeline",
            "Position",
            "PriceList",
            "Product",
            "ProductCategory",
            "Role",
            "Staff",
            "StaffMapping",
            "Stage",
            "Team",
            "Tenant",
            "Variant",
        ]
        .contains(&of);
        if answer.data("node").is_null() == is_open {
            wrong.push(of);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
    let many: Vec<String> = (0..101).map(|_| lead.clone()).collect();
    let answer = admin.query_with("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": many })).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert!(answer.message().contains("ids"), "{answer:?}");
}

#[tokio::test]
async fn rows_of_other_companies_are_null() {
    let app = TestApp::start().await;
    let there = app.person(json!({ "name": "There", "tenant_id": DAUGHTER })).await;
    let world = app.world(DAUGHTER, there).await;
    let words: Vec<&str> = groupgraph_schema::permission::WORDS.iter().map(|(word, _)| *word).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| *word != "tenants.all").collect();
    let here = app.staff("Here", &words).await;
    let shared = ["Country", "LookupCategory", "LookupValue", "Position", "Role"];
    let mut wrong = Vec::new();
    for (of, id) in ids(&app, &world) {
        let answer = here.query_with("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        if answer.data("node").is_null() == shared.contains(&of) {
            wrong.push(of);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
}

#[tokio::test]
async fn interfaces_fragments_and_aliases() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let world = app.world(HEAD_OFFICE, viewer.number).await;
    let query = "query($ids: [ID!]!) { all: nodes(ids: $ids) { kind: __typename ...party ... on Deal { title } \
        ... on Node { id } ... { again: __typename } } } \
        fragment party on Party { name number tenant { ...company } } fragment company on Tenant { label: name }";
    let ids = [app.id("Lead", world.number("Lead")), app.id("Deal", world.number("Deal"))];
    let answer = viewer.query_with(query, json!({ "ids": ids })).await;
    assert_eq!(
        answer.data("all"),
        &json!([
            { "kind": "Lead", "name": "A lead", "number": world.number("Lead"), "tenant": { "label": "Head Office" },
              "id": ids[0], "again": "Lead" },
            { "kind": "Deal", "title": "A deal", "id": ids[1], "again": "Deal" },
        ])
    );
}

#[tokio::test]
async fn repeated_keys_are_merged() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.world(HEAD_OFFICE, viewer.number).await;
    let answer = viewer
        .query(
            "{ deals { nodes { title } } deals { nodes { owner { name } } totalCount } ...more \
             first: deals(first: 1) { nodes { owner { role { name } } owner { name number } } } } \
             fragment more on Query { deals { nodes { owner { number } stage { name } } } }",
        )
        .await;
    assert_eq!(
        answer.data("deals"),
        &json!({ "nodes": [{ "title": "A deal", "owner": { "name": "Admin", "number": viewer.number },
            "stage": { "name": "A stage" } }], "totalCount": 1 })
    );
    assert_eq!(answer.data("first.nodes.0.owner"), &json!({ "role": null, "name": "Admin", "number": viewer.number }));
    let conflict = viewer.query("{ a: leads { totalCount } a: deals { totalCount } }").await;
    assert!(conflict.json.get("errors").is_some(), "{conflict:?}");
}

#[tokio::test]
async fn skipped_and_included() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.world(HEAD_OFFICE, viewer.number).await;
    let query = "query($yes: Boolean!, $no: Boolean!) { \
        leads @skip(if: $yes) { totalCount } \
        deals { a: totalCount @include(if: $no) b: totalCount @include(if: $yes) nodes { title @skip(if: $no) \
        owner @include(if: $no) { name } ... on Deal @include(if: $yes) { number } ...gone @skip(if: $yes) } } } \
        fragment gone on Deal { id }";
    let answer = viewer.query_with(query, json!({ "yes": true, "no": false })).await;
    let number = answer.number("deals.nodes.0.number");
    assert_eq!(answer.json["data"], json!({ "deals": { "b": 1, "nodes": [{ "title": "A deal", "number": number }] } }));
}

#[tokio::test]
async fn depth_and_cost_are_limited() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let deep = format!("{{ deals {{ nodes {{ client {{ {}name{} }} }} }} }}", "parent { ".repeat(20), " }".repeat(20));
    assert!(viewer.query(&deep).await.json.get("errors").is_some());
    let page = "deals(first: 100) { nodes { client { deals(first: 100) { nodes { client { deals(first: 100) { nodes { title } } } } } } } }";
    assert!(viewer.query(&format!("{{ {page} }}")).await.json.get("errors").is_some());
}

fn encoded(of: &str, instance: &str, number: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{instance}:{number}"))
}

impl TestApp {
    /// The global id of a row.
    pub fn id(&self, of: &str, number: i64) -> String {
        encoded(of, &self.hub.instance.to_string(), number)
    }
}
