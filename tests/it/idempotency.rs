//! Mutations with an `Idempotency-Key`: once, whatever happens to their answers.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::support::{Actor, TestApp};

const CREATE: &str =
    "mutation($name: String!) { createLead(input: {givenName: $name}) { lead { number } errors { code } } }";

struct Answer {
    status: u16,
    is_replayed: bool,
    json: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

async fn send(app: &TestApp, actor: &Actor, key: &str, query: &str, name: &str) -> Answer {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = &actor.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = json!({ "query": query, "variables": { "name": name } }).to_string();
    let request = request.header("idempotency-key", key).body(Body::from(body)).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let is_replayed = response.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    Answer { status, is_replayed, json: serde_json::from_slice(&bytes).expect("JSON") }
}

async fn leads(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM lead").await
}

#[tokio::test]
async fn the_same_request_is_answered_the_same() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let first = send(&app, &admin, "order-1", CREATE, "Ada").await;
    assert_eq!((first.status, first.is_replayed), (200, false), "{}", first.json);
    let again = send(&app, &admin, "order-1", CREATE, "Ada").await;
    assert_eq!((again.status, again.is_replayed, &again.json), (200, true, &first.json));
    let other = send(&app, &admin, "order-1", CREATE, "Bob").await;
    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(leads(&app).await, 1);
    // The answer is not readable in the database.
    assert_eq!(app.count("SELECT count(*) FROM idempotency_key WHERE answer_sealed LIKE '%createLead%'").await, 0);
}

#[tokio::test]
async fn keys_belong_to_their_caller_and_expire() {
    let app = TestApp::start().await;
    let (admin, writer) = (app.administrator().await, app.staff("Writer", &["leads.read", "leads.write"]).await);
    send(&app, &admin, "order-1", CREATE, "Ada").await;
    assert!(!send(&app, &writer, "order-1", CREATE, "Ada").await.is_replayed);
    app.pass(TimeDelta::hours(23));
    assert!(send(&app, &admin, "order-1", CREATE, "Ada").await.is_replayed);
    app.pass(TimeDelta::hours(1));
    assert!(!send(&app, &admin, "order-1", CREATE, "Ada").await.is_replayed);
    assert_eq!(leads(&app).await, 3);
    assert_eq!(app.count("SELECT count(*) FROM idempotency_key").await, 1, "expired keys are removed");
}

#[tokio::test]
async fn many_at_once_make_one_row() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let answers = join_all((0..50).map(|_| send(&app, &admin, "order-1", CREATE, "Ada"))).await;
    assert_eq!(leads(&app).await, 1);
    assert!(answers.iter().any(|answer| answer.status == 200 && !answer.is_replayed));
    for answer in &answers {
        assert!(answer.status == 200 || (answer.status == 409 && answer.code() == "STILL_RUNNING"), "{}", answer.json);
    }
    assert!(send(&app, &admin, "order-1", CREATE, "Ada").await.is_replayed);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_stop_the_mutation() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let mut tries = 0;
    // Given up after a while that is sometimes too short, and sometimes not.
    for milliseconds in 0..20 {
        tries += 1;
        let key = format!("order-{tries}");
        let request = send(&app, &admin, &key, CREATE, "Ada");
        let _ = tokio::time::timeout(std::time::Duration::from_millis(milliseconds), request).await;
    }
    for number in 1..=tries {
        let key = format!("order-{number}");
        let answer = loop {
            let answer = send(&app, &admin, &key, CREATE, "Ada").await;
            if answer.code() != "STILL_RUNNING" {
                break answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        };
        assert_eq!((answer.status, answer.json["errors"].is_null()), (200, true), "{key}: {}", answer.json);
    }
    assert_eq!(leads(&app).await, tries);
}

#[tokio::test]
async fn what_did_not_run_leaves_no_key() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let wrong = "mutation($name: String!) { createLead(input: {nonsense: $name}) { lead { number } } }";
    assert_eq!(send(&app, &admin, "order-1", wrong, "Ada").await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(send(&app, &admin, "order-1", CREATE, "Ada").await.status, 200);
    assert_eq!(send(&app, &admin, &"x".repeat(256), CREATE, "Ada").await.status, 400);
    assert_eq!(send(&app, &admin, "order-2", "{ __typename }", "").await.status, 200);
    assert_eq!(app.count("SELECT count(*) FROM idempotency_key").await, 1);
}

#[tokio::test]
async fn after_a_crash_the_outcome_is_unknown() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    send(&app, &admin, "order-1", CREATE, "Ada").await;
    app.execute("UPDATE idempotency_key SET status = NULL, answer_sealed = NULL").await;
    assert_eq!(send(&app, &admin, "order-1", CREATE, "Ada").await.code(), "STILL_RUNNING");
    app.pass(TimeDelta::minutes(5));
    let answer = send(&app, &admin, "order-1", CREATE, "Ada").await;
    assert_eq!((answer.status, answer.code()), (409, "OUTCOME_UNKNOWN"));
}
