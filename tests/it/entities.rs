//! The subgraph of Apollo Federation: rows by their keys, and the schema for the router.

use serde_json::json;

use crate::support::{TestApp, app::HEAD_OFFICE};

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Lead { name } \
                        ... on Deal { title owner { name } } } }";

#[tokio::test]
async fn a_router_gets_rows_by_their_keys() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let [lead, deal] = ["Lead", "Deal"].map(|of| app.id(of, world.number(of)));
    let of = json!([
        { "__typename": "Deal", "id": deal },
        { "__typename": "Lead", "id": lead },
        { "__typename": "Lead", "id": deal },
        { "__typename": "Lead", "id": "nonsense" },
    ]);
    let answer = admin.query_with(ENTITIES, json!({ "of": of })).await;
    let rows = answer.data("_entities");
    assert_eq!(rows[0]["__typename"], "Deal");
    assert!(rows[0]["title"].is_string() && rows[1]["name"].is_string(), "{rows}");
    assert!(rows[2].is_null() && rows[3].is_null(), "a key of another type names nothing: {rows}");
    let keyless = admin.query_with(ENTITIES, json!({ "of": [{ "__typename": "Lead" }] })).await;
    assert_eq!(keyless.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn keys_open_no_other_rows_than_queries() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let of = json!([{ "__typename": "Deal", "id": app.id("Deal", world.number("Deal")) }]);
    let machine = app.machine(&["leads.read"]).await;
    let answer = machine.query_with(ENTITIES, json!({ "of": of })).await;
    assert!(answer.data("_entities")[0].is_null(), "deals need a right of their own");
    assert_eq!(app.anonymous().query_with(ENTITIES, json!({ "of": of })).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_router_reads_the_schema() {
    let app = TestApp::start().await;
    let answer = app.administrator().await.query("{ _service { sdl } }").await;
    assert_eq!(*answer.data("_service.sdl"), json!(groupgraph_schema::sdl()));
}
