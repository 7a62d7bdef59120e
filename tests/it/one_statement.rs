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
async fn rows_that_nobody_sees_are_not_read() {
    let app = TestApp::start().await;
    let viewer = fifty_deals(&app).await;
    for (query, count, expected) in [
        ("{ deals { totalCount } }", 1, json!({ "totalCount": 50 })),
        (
            "{ deals(first: 1) { totalCount nodes { title } } }",
            2,
            json!({ "totalCount": 50, "nodes": [{ "title": "Deal 0" }] }),
        ),
        ("{ deals(search: \"nowhere\") { totalCount nodes { title } } }", 1, json!({ "totalCount": 0, "nodes": [] })),
        ("{ deals(skip: 50) { totalCount nodes { title } } }", 1, json!({ "totalCount": 50, "nodes": [] })),
    ] {
        assert_eq!(*viewer.query(query).await.data("deals"), expected, "{query}");
        let statements = app.statements_of(&viewer, query).await;
        assert_eq!(statements.len(), count, "{query}: {statements:#?}");
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

#[tokio::test]
async fn a_board_is_one_statement_however_many_columns_it_has() {
    let app = TestApp::start().await;
    let viewer = app.staff("Rep", &["crm.prospects", "crm.all_prospects"]).await;
    let list = app.insert("lookup_category", json!({ "name": "Services" })).await;
    let service = json!({ "category_id": list, "name": "Freight", "list_number": 7 });
    let service = app.insert("lookup_value", service).await;
    for place in 1..=4 {
        let column = json!({ "key": format!("column_{place}"), "name": "A column", "position": place });
        let category = app.insert("follow_up_category", column).await;
        // One more in each column, none in the first one.
        for number in 1..place {
            let row = json!({ "owner_id": viewer.number, "contact_name": format!("Person {number}") });
            let prospect = app.insert("prospect", row).await;
            app.insert("prospect_service", json!({ "prospect_id": prospect, "lookup_value_id": service })).await;
            let row = json!({
                "prospect_id": prospect, "category_id": category, "account_value_minor": number * 100,
                "account_value_currency": "EUR", "last_contact_at": format!("2026-05-0{number}T08:00:00Z"),
            });
            app.insert("follow_up", row).await;
        }
    }
    let page = "nodes { contactName serviceNumbers owner { role { name } } followUp { category { key } lastContactAt } } \
                totalCount pageInfo { hasNextPage }";
    for (arguments, shown) in [
        ("first: 2", json!([[], ["Person 1"], ["Person 2", "Person 1"], ["Person 3", "Person 2"]])),
        ("last: 1", json!([[], ["Person 1"], ["Person 1"], ["Person 1"]])),
        ("first: 2, skip: 1", json!([[], [], ["Person 1"], ["Person 2", "Person 1"]])),
    ] {
        let query = format!(
            "{{ prospectBoard {{ count value {{ amountMinor }} prospects({arguments}) {{ {page} }} category {{ key }} }} }}"
        );
        let answer = viewer.query(&query).await;
        let board = answer.data("prospectBoard").as_array().expect("columns").clone();
        let names = |column: &serde_json::Value| {
            let nodes = column["prospects"]["nodes"].as_array().expect("prospects");
            nodes.iter().map(|node| node["contactName"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(json!(board.iter().map(names).collect::<Vec<_>>()), shown, "{arguments}");
        for (place, column) in board.iter().enumerate() {
            assert_eq!(column["category"]["key"], format!("column_{}", place + 1));
            let counts = [&column["count"], &column["prospects"]["totalCount"]];
            assert_eq!(counts, [&json!(place), &json!(place)]);
            assert_eq!(column["value"]["amountMinor"], json!(place * (place + 1) * 50));
            for node in column["prospects"]["nodes"].as_array().expect("prospects") {
                assert_eq!(node["followUp"]["category"]["key"], column["category"]["key"]);
                assert_eq!(
                    (&node["serviceNumbers"], &node["owner"]["role"]["name"]),
                    (&json!([7]), &json!("Role of Rep"))
                );
            }
        }
        let statements = app.statements_of(&viewer, &query).await;
        assert_eq!(statements.len(), 1, "{statements:#?}");
    }
    // Two pages of the same columns are told apart, at a statement more.
    let both = "{ prospectBoard { a: prospects(first: 1) { nodes { contactName } } b: prospects(last: 1) { nodes { contactName } } } }";
    let answer = viewer.query(both).await;
    assert_eq!(answer.data("prospectBoard.3.a.nodes.0.contactName"), "Person 3");
    assert_eq!(answer.data("prospectBoard.3.b.nodes.0.contactName"), "Person 1");
}
