//! Record ids inside nested shapes are rows of the types that they name, at a constant number of statements.

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
};

async fn record(app: &TestApp, (tenant, kind): (i64, &str), id: &str, body: Value) {
    let row = json!({ "tenant_id": tenant, "kind": kind, "object_id": id, "body": body });
    app.insert("record", row).await;
}

fn client(number: i64) -> String {
    format!("c00001{number:018}")
}

#[tokio::test]
async fn ids_in_lists_of_shapes_and_in_shapes_are_rows() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &["records.read", "clients.read"]).await;
    let mut clients = Vec::new();
    for number in 0..20 {
        clients.push(app.insert("client", json!({ "name": format!("Client {number}") })).await);
        let warehouse = format!("aa{number:022x}");
        record(&app, (HEAD_OFFICE, "Warehouse"), &warehouse, json!({ "name": format!("House {number}") })).await;
        let stops: Vec<Value> =
            clients.iter().map(|number| json!({ "client_id": client(*number), "priority": 1 })).collect();
        record(&app, (HEAD_OFFICE, "Route"), &format!("bb{number:022x}"), json!({ "name": "R", "clients": stops }))
            .await;
        let unit = json!({ "serialNumber": "U", "location": { "warehouse": warehouse, "shelf": "3" } });
        record(&app, (HEAD_OFFICE, "AssetPartUnit"), &format!("cc{number:022x}"), unit).await;
    }
    for first in [1, 10, 20] {
        for (query, count) in [
            (format!("routes(first: {first}) {{ nodes {{ clients {{ priority client_id {{ name }} }} }} }}"), 2),
            (format!("assetPartUnits(first: {first}) {{ nodes {{ location {{ shelf warehouse {{ name }} }} }} }}"), 2),
            (
                format!(
                    "routes(first: {first}) {{ nodes {{ clients {{ a: client_id {{ name }} b: client_id {{ recordId parent_client_id {{ name }} }} }} }} }}"
                ),
                3,
            ),
        ] {
            let statements = app.statements_of(&actor, &format!("{{ {query} }}")).await;
            assert_eq!(statements.len(), count, "{query}: {statements:#?}");
        }
    }
    let answer = actor.query("{ routes(first: 3) { nodes { clients { priority client_id { __typename name } } } } assetPartUnits(first: 2) { nodes { location { shelf warehouse { name } } } } }").await;
    let stop = |number: i64| json!({ "priority": 1, "client_id": { "__typename": "RepzoClient", "name": format!("Client {number}") } });
    assert_eq!(*answer.data("routes.nodes.2.clients"), json!([stop(0), stop(1), stop(2)]));
    let place = json!({ "shelf": "3", "warehouse": { "name": "House 1" } });
    assert_eq!(*answer.data("assetPartUnits.nodes.1.location"), place);
}

#[tokio::test]
async fn they_show_no_more_than_one_may_see() {
    let app = TestApp::start().await;
    let foreign = app.insert("client", json!({ "tenant_id": DAUGHTER, "name": "Theirs" })).await;
    let own = app.insert("client", json!({ "name": "Ours" })).await;
    let ids = [client(foreign), client(own), "ffffffffffffffffffffffff".to_owned(), "nonsense".to_owned()];
    let stops: Vec<Value> = ids.iter().map(|id| json!({ "client_id": id })).collect();
    record(&app, (HEAD_OFFICE, "Route"), &format!("bb{:022x}", 1), json!({ "name": "R", "clients": stops })).await;
    let query = "{ routes { nodes { clients { client_id { name } } } } }";
    let nothing = json!({ "client_id": null });
    let admin = app.administrator().await;
    let expected = json!([nothing, { "client_id": { "name": "Ours" } }, nothing, nothing]);
    assert_eq!(*admin.query(query).await.data("routes.nodes.0.clients"), expected, "of the company of the record");
    let other = app.staff("Other", &["records.read"]).await;
    let hidden = json!([nothing, nothing, nothing, nothing]);
    assert_eq!(*other.query(query).await.data("routes.nodes.0.clients"), hidden, "whoever may not read clients");
}
