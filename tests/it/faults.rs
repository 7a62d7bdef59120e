//! What callers see when the server itself fails.

use serde_json::json;

use super::support::TestApp;

#[tokio::test]
async fn a_fault_names_the_request_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.execute("ALTER TABLE country RENAME TO elsewhere").await;
    let answer = admin.query("{ countries { code } __typename }").await;
    let extensions = &answer.json["errors"][0]["extensions"];
    assert_eq!((answer.status, answer.code()), (200, "INTERNAL"), "{answer:?}");
    assert!(extensions["requestId"].as_str().is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()), "{answer:?}");
    assert_eq!(answer.json["errors"][0]["path"], json!(["countries"]));
    assert!(!answer.json.to_string().contains("country"), "{answer:?}");
    // The shape is used again on PostgreSQL.
    app.execute("ALTER TABLE elsewhere RENAME TO country").await;
}
