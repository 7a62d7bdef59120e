//! A list costs one statement, whatever is joined and however long it is; each further list below it costs one more.

use serde_json::json;

use crate::support::{Actor, TestApp};

async fn fifty_deals(app: &TestApp) -> Actor {
    let viewer = app.staff("Rep", &["deals.read", "clients.read"]).await;
    let pipeline = app.insert("pipeline", json!({ "name": "Sales" })).await;
    let stage = app.insert("stage", json!({ "name": "New", "pipeline_id": pipeline })).await;
    let mut rows = Vec::new();
    for number in 0..50 {
        let client = app.insert("client", json!({ "name": format!("Client {number}") })).await;
        rows.push(json!({
            "title": format!("Deal {number}"), "owner_id": viewer.number, "client_id": client,
            "pipeline_id": pipeline, "stage_id": stage, "value_minor": number * 100, "value_currency": "EUR",
        }));
    }
    let deals = app.insert_all("deal", rows).await;
    for deal in deals {
        app.insert("deal_member", json!({ "deal_id": deal, "staff_id": viewer.number })).await;
    }
    viewer
}

#[tokio::test]
async fn joined_relations_cost_nothing_more() {
    let app = TestApp::start().await;
    let viewer = fifty_deals(&app).await;
    for first in [1, 10, 50] {
        let query = format!(
            "{{ deals(first: {first}) {{ nodes {{ title owner {{ role {{ name }} }} pipeline {{ name }} \
             stage {{ name }} client {{ name }} }} }} }}"
        );
        let answer = viewer.query(&query).await;
        assert_eq!(answer.data("deals.nodes").as_array().map(Vec::len), Some(first));
        assert_eq!(answer.data("deals.nodes.0.owner.role.name"), "Role of Rep");
        assert_eq!(answer.data("deals.nodes.0.stage.name"), "New");
        let statements = app.statements_of(&viewer, &query).await;
        assert_eq!(statements.len(), 1, "{statements:#?}");
    }
}

#[tokio::test]
async fn each_list_below_costs_one_more() {
    let app = TestApp::start().await;
    let viewer = fifty_deals(&app).await;
    for first in [1, 10, 50] {
        for (below, count) in [
            ("members { name }", 2),
            ("members { name role { name } } client { name }", 2),
            ("members { name } client { notes(first: 2) { nodes { text } } }", 3),
            ("members { departments { name } } client { notes(first: 2) { nodes { text } totalCount } }", 5),
        ] {
            let query = format!("{{ deals(first: {first}) {{ nodes {{ title {below} }} }} }}");
            let statements = app.statements_of(&viewer, &query).await;
            assert_eq!(statements.len(), count, "{first} {below}: {statements:#?}");
        }
    }
}
