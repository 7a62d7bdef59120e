//! Companies of the contact centre beyond single answers: large batches, batches at the same time, submissions that are
//! called back, and scopes.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Actor, TestApp};

async fn post(app: &TestApp, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(format!("/api/1.0{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn with_lookups(app: &TestApp) -> String {
    prepared(app).await.token.expect("a token")
}

async fn prepared(app: &TestApp) -> Actor {
    app.insert("country", json!({ "code": "ZA", "name": "South Africa" })).await;
    for (category, value) in
        [("Company Types", "Private Company"), ("Payment Methods", "Cash"), ("Product Units", "Month")]
    {
        let list = app.insert("lookup_category", json!({ "name": category })).await;
        app.insert("lookup_value", json!({ "category_id": list, "name": value, "is_active": true })).await;
    }
    app.insert("product", json!({ "name": "Product 123" })).await;
    app.administrator().await
}

fn company(name: &str) -> Value {
    json!({ "name": name, "trading_as": name, "company_type": "Private Company", "email": "info@example.com" })
}

#[tokio::test]
async fn rows_of_a_large_batch_stand_alone() {
    let app = TestApp::start().await;
    let token = with_lookups(&app).await;
    let mut rows: Vec<Value> = (0..250).map(|index| company(&format!("Company {index}"))).collect();
    // The last of one transaction, the first of the next, and one in the middle.
    for bad in [99, 100, 155] {
        rows[bad]["company_type"] = json!("No such kind");
    }
    let (status, answer) = post(&app, &token, "/workflow/company/create", &json!(rows)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["Info"]["companies"], json!({ "accepted": 247, "rejected": 3 }));
    let names: Vec<&Value> = answer["rejected"].as_array().expect("rows").iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("Company 99"), &json!("Company 100"), &json!("Company 155")]);
    assert_eq!(answer["accepted"][99]["name"], "Company 101");
    assert_eq!(app.count("SELECT COUNT(*) FROM client").await, 247);
}

#[tokio::test]
async fn of_two_batches_at_the_same_time_one_gets_the_name() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).start().await;
    let token = with_lookups(&app).await;
    let rows = |spelling: &str| json!((0..20).map(|index| company(&format!("{spelling} {index}"))).collect::<Vec<_>>());
    let (left, right) = (rows("ÉTOILE"), rows("étoile"));
    let ((_, left), (_, right)) = tokio::join!(
        post(&app, &token, "/workflow/company/create", &left),
        post(&other, &token, "/workflow/company/create", &right)
    );
    let count = |answer: &Value, what: &str| answer["Info"]["companies"][what].as_i64().expect("a number");
    assert_eq!(count(&left, "accepted") + count(&right, "accepted"), 20);
    assert_eq!(count(&left, "rejected") + count(&right, "rejected"), 20);
    // The database itself refuses a second one.
    let again = "INSERT INTO client (tenant_id, uuid, name, name_key, has_unique_name, created_at, updated_at) \
                 SELECT tenant_id, 'x', name, name_key, has_unique_name, created_at, updated_at FROM client WHERE id = 1";
    let refused = sea_orm::ConnectionTrait::execute_unprepared(&app.hub.database.write, again).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_submission_can_be_called_back_until_its_first_payment() {
    let app = TestApp::start().await;
    let admin = prepared(&app).await;
    let token = admin.token.clone().expect("a token");
    post(&app, &token, "/workflow/company/create", &json!([company("My Company")])).await;
    let body = json!({
        "product_name": "Product 123", "company_name": "My Company", "amount": 100, "billing_day": 1,
        "default_payment_methods_id": "Cash",
    });
    let (_, made) = post(&app, &token, "/workflow/company/subscription/add", &body).await;
    let reference = made["unique_workflow_id"].as_str().expect("a reference");
    let cancel = format!("cancelWorkflowItem(input: {{ reference: \"{reference}\" }})");
    let done = admin
        .done(&format!("{cancel} {{ workflowItem {{ state subscription {{ status }} }} errors {{ code field }} }}"))
        .await;
    assert_eq!(
        *done.data("cancelWorkflowItem.workflowItem"),
        json!({ "state": "CANCELLED", "subscription": { "status": "DISABLED" } })
    );
    assert_eq!(admin.failures(&cancel).await, [("WRONG_STATE".to_owned(), "reference".to_owned())]);
    let (_, made) = post(&app, &token, "/workflow/company/subscription/add", &body).await;
    app.pass(chrono::TimeDelta::days(20));
    let late = format!(
        "cancelWorkflowItem(input: {{ reference: \"{}\" }})",
        made["unique_workflow_id"].as_str().expect("a reference")
    );
    assert_eq!(admin.failures(&late).await, [("WRONG_STATE".to_owned(), "reference".to_owned())]);
}

#[tokio::test]
async fn scopes_are_asked_for() {
    let app = TestApp::start().await;
    with_lookups(&app).await;
    let token = app.staff("Somebody", &["tasks.read"]).await.token.expect("a token");
    let product = json!({ "product_name": "x", "company_name": "x", "amount": 1, "billing_day": 1, "default_payment_methods_id": "x" });
    for (path, body) in [
        ("/workflow/company/create", json!([company("A")])),
        ("/workflow/company/update", json!([{ "name": "A" }])),
        ("/workflow/company/details", json!({ "company_name": "A" })),
        ("/workflow/company/product/add", product.clone()),
        ("/workflow/company/subscription/add", product),
        ("/companies/blacklist/sms", json!({})),
    ] {
        let (status, answer) = post(&app, &token, path, &body).await;
        assert_eq!(status, 403, "{path}: {answer}");
        assert_eq!(
            answer,
            json!({ "status": false, "error": { "message": "Not allowed", "rule": "Permission" } }),
            "{path}"
        );
    }
}
