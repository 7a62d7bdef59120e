//! The middleware of HaloPSA beyond single answers: quotas over replicas, tokens of the instance, pushes through the
//! outbox, webhooks in its dialect, and bulk imports that are repeated.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    routing::{get, post},
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::support::{TestApp, receiver::Receiver};

/// An answer with its headers.
struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    fn number(&self, name: &str) -> i64 {
        self.headers[name].to_str().expect("text").parse().expect("a number")
    }
}

async fn call(app: &TestApp, token: &str, (method, path): (&str, &str), body: Value, key: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    request = request.header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a whole answer");
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { status: parts.status.as_u16(), headers: parts.headers, json }
}

async fn with_provider(app: &TestApp) -> String {
    let admin = app.administrator().await;
    app.insert("import_provider", json!({ "name": "apollo", "is_enabled": true })).await;
    admin.token.expect("a token")
}

fn lead(email: &str) -> Value {
    json!({ "source": "apollo", "data": { "first_name": "John", "email": email } })
}

#[tokio::test]
async fn quotas_hold_over_replicas_and_name_what_is_left() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).start().await;
    let token = with_provider(&app).await;
    let first = call(&app, &token, ("GET", "/config"), Value::Null, None).await;
    let second = call(&other, &token, ("GET", "/config"), Value::Null, None).await;
    assert_eq!([first.number("x-ratelimit-limit"), first.number("x-ratelimit-remaining")], [1000, 999]);
    assert_eq!(second.number("x-ratelimit-remaining"), 998);
    assert!(second.number("x-ratelimit-reset") > app.now().timestamp());
    // Errors tell as well, also those of nobody.
    let nobody = call(&app, "nonsense", ("GET", "/config"), Value::Null, None).await;
    assert_eq!((nobody.status, nobody.number("x-ratelimit-limit")), (401, 1000));
    app.execute("UPDATE request_quota SET used = 1000 WHERE scope LIKE 'rest halopsa all%'").await;
    let refused = call(&other, &token, ("GET", "/config"), Value::Null, None).await;
    assert_eq!((refused.status, &refused.json["error"]["code"]), (429, &json!("RATE_LIMIT_EXCEEDED")));
    assert!(refused.number("retry-after") > 0 && refused.number("x-ratelimit-remaining") == 0);
    app.pass(TimeDelta::hours(1));
    assert_eq!(call(&app, &token, ("GET", "/config"), Value::Null, None).await.status, 200);
}

#[tokio::test]
async fn ten_bulk_calls_an_hour_and_a_hundred_imports_at_once() {
    let app = TestApp::start().await;
    let token = with_provider(&app).await;
    for call_number in 0..11 {
        let email = format!("lead{call_number}@example.com");
        let body = json!({ "source": "apollo", "leads": [{ "first_name": "A", "email": email }] });
        let answer = call(&app, &token, ("POST", "/sync/leads/bulk"), body, None).await;
        assert_eq!(answer.status, if call_number < 10 { 200 } else { 429 }, "{call_number}");
    }
    let until = (app.now() + TimeDelta::seconds(30)).to_rfc3339();
    for place in 0..100 {
        let slot = json!({ "scope": "rest halopsa sync", "holder": format!("{place}"), "leased_until": until });
        app.insert("request_slot", slot).await;
    }
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await.status, 429);
    // Places of processes that died are free again.
    app.pass(TimeDelta::minutes(1));
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await.status, 200);
}

#[tokio::test]
async fn a_repeated_bulk_import_goes_on_and_repeats_nothing() {
    let app = TestApp::start().await;
    let token = with_provider(&app).await;
    let leads: Vec<Value> =
        (0..25).map(|index| json!({ "first_name": "A", "email": format!("lead{index}@example.com") })).collect();
    let body = json!({ "source": "apollo", "leads": leads, "batch_options": { "batch_size": 10 } });
    let first = call(&app, &token, ("POST", "/sync/leads/bulk"), body.clone(), Some("k")).await;
    assert_eq!((first.status, &first.json["successful"]), (200, &json!(25)));
    // As if the process had died after the second chunk.
    app.execute("DELETE FROM import_attempt WHERE row_index >= 20").await;
    app.execute("DELETE FROM lead WHERE email IN ('lead20@example.com', 'lead21@example.com', 'lead22@example.com', 'lead23@example.com', 'lead24@example.com')").await;
    app.execute("UPDATE import_batch SET status = 'RUNNING', processed_count = 20, accepted_count = 20").await;
    let again = call(&app, &token, ("POST", "/sync/leads/bulk"), body.clone(), Some("k")).await;
    assert_eq!((again.status, &again.json["total_processed"], &again.json["failed"]), (200, &json!(25), &json!(0)));
    assert_eq!(again.json["results"][3], first.json["results"][3]);
    assert_eq!(app.count("SELECT COUNT(*) FROM lead").await, 25);
    let third = call(&app, &token, ("POST", "/sync/leads/bulk"), body, Some("k")).await;
    assert_eq!(third.json, again.json);
    let other = json!({ "source": "apollo", "leads": [{ "first_name": "B", "email": "b@example.com" }] });
    assert_eq!(call(&app, &token, ("POST", "/sync/leads/bulk"), other, Some("k")).await.status, 409);
    assert_eq!(app.count("SELECT COUNT(*) FROM lead").await, 25);
}

#[tokio::test]
async fn the_limit_of_a_provider_counts() {
    let app = TestApp::start().await;
    let token = with_provider(&app).await;
    app.execute("UPDATE import_provider SET hourly_limit = 1").await;
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await.status, 200);
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("b@example.com"), None).await.status, 429);
}

#[tokio::test]
async fn a_webhook_is_signed_with_any_secret_and_told_in_its_dialect() {
    let app = TestApp::builder().set("webhooks.allow_private_addresses", "true").start().await;
    let token = with_provider(&app).await;
    let receiver = Receiver::start().await;
    let body = json!({ "url": receiver.url(), "events": ["lead.created", "prospect.qualified"], "secret": "your_webhook_secret" });
    let made = call(&app, &token, ("POST", "/webhooks"), body, None).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let imported = call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await;
    assert_eq!(imported.status, 200);
    let converted = json!({ "qualification_data": { "fit_score": 85 } });
    assert_eq!(call(&app, &token, ("POST", "/prospects/convert/1"), converted, None).await.status, 200);
    app.deliver().await;
    let told = receiver.take();
    let events: Vec<Value> = told.iter().map(|told| told.json()["event"].clone()).collect();
    assert_eq!(events, [json!("lead.created"), json!("prospect.qualified")]);
    let first = &told[0];
    assert_eq!(first.json()["id"], first.header("webhook-id"));
    assert!(first.json()["created_at"].is_string() && first.json()["data"]["email"] == "a@example.com");
    assert!(first.header("webhook-signature").starts_with("v1,"));
}

/// An instance of HaloPSA that keeps its tickets.
#[derive(Clone, Default)]
struct Instance(Arc<Mutex<Vec<Value>>>);

impl Instance {
    async fn start() -> (Self, String) {
        let instance = Self::default();
        let router = Router::new()
            .route("/auth/token", post(|| async { Json(json!({ "access_token": "t", "expires_in": 60 })) }))
            .route("/api/Tickets", post(Self::take))
            .route("/api/agent/me", get(Self::who))
            .with_state(instance.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        (instance, url)
    }

    #[expect(clippy::unused_async, reason = "a handler of axum")]
    async fn take(
        State(own): State<Self>,
        headers: HeaderMap,
        Json(tickets): Json<Vec<Value>>,
    ) -> (StatusCode, Json<Value>) {
        if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer t") {
            return (StatusCode::UNAUTHORIZED, Json(json!({})));
        }
        let mut kept = own.0.lock().expect("no panic");
        kept.extend(tickets);
        let id = 67_889 + kept.len();
        (StatusCode::CREATED, Json(json!([{ "id": id }])))
    }

    #[expect(clippy::unused_async, reason = "a handler of axum")]
    async fn who(headers: HeaderMap) -> StatusCode {
        let is_known = headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer token-of-the-instance");
        if is_known { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    }
}

async fn with_instance() -> (TestApp, String, Instance) {
    let app = TestApp::builder()
        .set("halopsa.allow_private_addresses", "true")
        .set("halopsa.accepts_instance_tokens", "true")
        .set("halopsa.client_id", "hub")
        .set("halopsa.client_secret", "secret")
        .start()
        .await;
    let token = with_provider(&app).await;
    let (instance, url) = Instance::start().await;
    app.insert("import_setting", json!({ "instance_url": url })).await;
    (app, token, instance)
}

#[tokio::test]
async fn what_is_imported_becomes_a_ticket_whose_number_is_told() {
    let (app, token, instance) = with_instance().await;
    let first = call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await;
    assert!(first.json["halopsa_ticket_id"].is_null(), "nothing is pushed yet");
    assert!(instance.0.lock().expect("no panic").is_empty());
    assert_eq!(app.deliver().await, 1);
    assert_eq!(instance.0.lock().expect("no panic")[0]["emailaddress"], "a@example.com");
    let mut again = lead("a@example.com");
    again["options"] = json!({ "update_existing": true });
    let again = call(&app, &token, ("POST", "/sync/leads"), again, None).await;
    assert_eq!(again.json["halopsa_ticket_id"], 67_890);
    app.deliver().await;
    // A known ticket is changed, not made again.
    assert_eq!(instance.0.lock().expect("no panic")[1]["id"], 67_890);
    assert_eq!(app.count("SELECT COUNT(*) FROM external_ref").await, 1);
}

#[tokio::test]
async fn a_push_that_fails_waits_and_is_told_in_the_end() {
    let (app, token, _) = with_instance().await;
    app.execute("UPDATE import_setting SET instance_url = 'http://127.0.0.1:1'").await;
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await.status, 200);
    for _ in 0..8 {
        assert_eq!(app.deliver().await, 1);
        app.pass(TimeDelta::hours(13));
    }
    assert_eq!(app.deliver().await, 0);
    let errors = call(&app, &token, ("GET", "/errors"), Value::Null, None).await;
    assert_eq!(errors.json["errors"][0]["details"], json!({ "lead_id": 1, "error_code": "EXTERNAL_API_ERROR" }));
    assert_eq!(errors.json["errors"][0]["source"], "halopsa");
}

#[tokio::test]
async fn a_bulk_import_asks_the_instance_no_oftener_than_it_may() {
    let (app, token, instance) = with_instance().await;
    let leads: Vec<Value> =
        (0..5).map(|index| json!({ "first_name": "A", "email": format!("lead{index}@example.com") })).collect();
    let body = json!({ "source": "apollo", "leads": leads, "batch_options": { "rate_limit": 2 } });
    assert_eq!(call(&app, &token, ("POST", "/sync/leads/bulk"), body, None).await.status, 200);
    let pushed = || instance.0.lock().expect("no panic").len();
    for expected in [1, 3, 5] {
        app.deliver().await;
        assert_eq!(pushed(), expected, "two in each second after the first one");
        app.pass(TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn events_go_to_active_endpoints_that_asked_for_them() {
    let app = TestApp::builder().set("webhooks.allow_private_addresses", "true").start().await;
    let token = with_provider(&app).await;
    let mut receivers = Vec::new();
    for (secret, event) in [("asked", "lead.created"), ("for another", "opportunity.won"), ("off", "lead.created")] {
        let receiver = Receiver::start().await;
        let body = json!({ "url": receiver.url(), "events": [event], "secret": secret });
        assert_eq!(call(&app, &token, ("POST", "/webhooks"), body, None).await.status, 201);
        receivers.push(receiver);
    }
    app.execute("UPDATE webhook SET is_active = FALSE WHERE id = 3").await;
    assert_eq!(call(&app, &token, ("POST", "/sync/leads"), lead("a@example.com"), None).await.status, 200);
    app.deliver().await;
    let told: Vec<usize> = receivers.iter().map(|receiver| receiver.take().len()).collect();
    assert_eq!(told, [1, 0, 0]);
}

#[tokio::test]
async fn all_replicas_tell_the_same_of_how_fast_they_answer() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).start().await;
    let admin = app.administrator().await;
    let token = admin.token.clone().expect("a token");
    for (replica, count) in [(&app, 3), (&other, 2)] {
        for _ in 0..count {
            assert_eq!(call(replica, &token, ("GET", "/config"), Value::Null, None).await.status, 200);
        }
    }
    let query = "{ performance(system: \"halopsa\") { averageMs p99Ms endpoints { path requestCount errorRate } } }";
    // Whoever is asked writes first what it measured itself; the other one does so by itself every few seconds.
    admin.at(&other).query(query).await;
    let here = admin.query(query).await;
    let expected = json!([{ "path": "/config", "requestCount": 5, "errorRate": 0.0 }]);
    assert_eq!(*here.data("performance.endpoints"), expected);
    let there = admin.at(&other).query(query).await;
    assert_eq!(here.data("performance"), there.data("performance"));
    // Told again, nothing is counted twice; a process that starts anew forgets nothing.
    let third = TestApp::builder().beside(&app).start().await;
    assert_eq!(admin.at(&third).query(query).await.data("performance"), here.data("performance"));
    // A day later they are removed with the next measurement.
    app.pass(TimeDelta::hours(25));
    call(&app, &token, ("GET", "/config"), Value::Null, None).await;
    let later = admin.query(query).await;
    assert_eq!(later.data("performance.endpoints.0.requestCount"), &json!(1));
    assert_eq!(app.count("SELECT COUNT(*) FROM measurement").await, 1);
}

#[tokio::test]
async fn a_token_of_the_instance_is_taken_and_no_other() {
    let (app, _, _) = with_instance().await;
    let known = call(&app, "token-of-the-instance", ("GET", "/config"), Value::Null, None).await;
    assert_eq!((known.status, known.number("x-ratelimit-remaining")), (200, 999));
    let imported = call(&app, "token-of-the-instance", ("POST", "/sync/leads"), lead("a@example.com"), None).await;
    assert_eq!(imported.status, 200, "{}", imported.json);
    assert_eq!(call(&app, "another", ("GET", "/config"), Value::Null, None).await.status, 401);
    // It opens nothing else.
    let request = Request::get("/api/crm/prospects/list").header(header::AUTHORIZATION, "Bearer token-of-the-instance");
    let response =
        app.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn scopes_are_asked_for() {
    let app = TestApp::start().await;
    let token = app.staff("Somebody", &["leads.read"]).await.token.expect("a token");
    for (method, path) in [
        ("GET", "/config"),
        ("PUT", "/config"),
        ("POST", "/webhooks"),
        ("GET", "/webhooks"),
        ("GET", "/errors"),
        ("GET", "/analytics/sync"),
        ("GET", "/analytics/performance"),
        ("POST", "/sync/leads"),
        ("POST", "/sync/leads/bulk"),
        ("POST", "/prospects/convert/1"),
        ("PUT", "/prospects/1/status"),
        ("POST", "/opportunities"),
        ("PUT", "/opportunities/1"),
    ] {
        let body = json!({
            "source": "apollo", "data": {}, "leads": [{}], "status": "new", "qualification_data": {}, "prospect_id": 1,
            "opportunity_data": { "value": 1 }, "url": "https://a.example/", "events": ["lead.created"], "secret": "x",
        });
        let body = match path {
            "/config" => json!({ "halopsa": {} }),
            "/opportunities/1" => json!({ "value": 1 }),
            _ => body,
        };
        let answer = call(&app, &token, (method, path), body, None).await;
        assert_eq!(
            (answer.status, &answer.json["error"]["code"]),
            (403, &json!("AUTHORIZATION_ERROR")),
            "{method} {path}"
        );
    }
    assert_eq!(call(&app, &token, ("GET", "/health"), Value::Null, None).await.status, 200);
}
