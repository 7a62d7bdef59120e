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
    send(app, token, Request::post(format!("/api/1.0{path}")), body.to_string()).await
}

async fn get(app: &TestApp, token: &str, path: &str) -> (u16, Value) {
    send(app, token, Request::get(format!("/api/1.0{path}")), String::new()).await
}

async fn send(app: &TestApp, token: &str, request: http::request::Builder, body: String) -> (u16, Value) {
    let request = request
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
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
    // A debug build beside other tests takes its time.
    let app = TestApp::builder().set("server.request_timeout_seconds", "600").start().await;
    let token = with_lookups(&app).await;
    let mut rows: Vec<Value> = (0..5_000).map(|index| company(&format!("Company {index}"))).collect();
    // The last of one transaction, the first of the next, one in the middle, and the very last.
    let bad = [99, 100, 155, 4_999];
    for bad in bad {
        rows[bad]["company_type"] = json!("No such kind");
    }
    let names = |answer: &Value, list: &str| -> Vec<String> {
        let rows = answer[list].as_array().expect("rows");
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    let refused = bad.map(|bad| format!("Company {bad}"));
    let accepted: Vec<String> =
        (0..5_000).filter(|index| !bad.contains(index)).map(|index| format!("Company {index}")).collect();
    let (status, answer) = post(&app, &token, "/workflow/company/create", &json!(rows)).await;
    assert_eq!((status, &answer["Info"]["companies"]), (200, &json!({ "accepted": 4_996, "rejected": 4 })));
    assert_eq!(names(&answer, "rejected"), refused);
    assert_eq!(names(&answer, "accepted"), accepted);
    assert_eq!(app.count("SELECT COUNT(*) FROM client").await, 4_996);

    let changes: Vec<Value> =
        (0..5_000).map(|index| json!({ "name": format!("COMPANY {index}"), "mobile": "0821234567" })).collect();
    let (status, answer) = post(&app, &token, "/workflow/company/update", &json!(changes)).await;
    assert_eq!((status, &answer["Info"]["companies"]), (200, &json!({ "updated": 4_996, "rejected": 4 })));
    assert_eq!(names(&answer, "rejected"), refused.map(|name| name.to_uppercase()));
    assert_eq!(app.count("SELECT COUNT(*) FROM client WHERE mobile_raw = '0821234567'").await, 4_996);
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
    let refusal = json!({ "status": false, "error": { "message": "Not allowed", "rule": "Permission" } });
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
        assert_eq!((status, answer), (403, refusal.clone()), "{path}");
    }
    let reader = app.staff("Reader", &["lookups.read"]).await.token.expect("a token");
    let lists = ["?category=Payment%20Methods", "/bank/names", "/bank/accounts", "/custom_fields/people"];
    for path in lists.map(|list| format!("/lookups{list}")) {
        assert_eq!(get(&app, &token, &path).await, (403, refusal.clone()), "{path}");
        let (status, answer) = get(&app, &reader, &path).await;
        assert_eq!((status, &answer["status"]), (200, &json!(true)), "{path}: {answer}");
    }
}
