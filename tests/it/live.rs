//! Connections that stay: their limits, and the end of the credential behind them.

use std::time::{Duration, Instant};

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt;
use groupgraph_schema::identity::admin;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Actor, TestApp, socket::Socket};

const WATCH: &str = "subscription { leadChanged { id } }";
/// Far below the time between two looks at a token.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn event_stream(app: &TestApp, actor: &Actor) -> Response {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {}", actor.token.as_deref().unwrap_or_default()))
        .body(Body::from(json!({ "query": WATCH }).to_string()));
    app.router.clone().oneshot(request.expect("a request")).await.expect("an answer")
}

/// A silent WebSocket and a silent event stream.
async fn silent(app: &TestApp, actor: &Actor) -> (Socket, BodyDataStream) {
    let mut socket = Socket::open(app, actor).await;
    socket.subscribe(WATCH).await;
    let response = event_stream(app, actor).await;
    assert_eq!(response.status(), StatusCode::OK);
    (socket, response.into_body().into_data_stream())
}

/// The close code of the socket, and the rest of the stream.
async fn ends((mut socket, mut stream): (Socket, BodyDataStream)) -> (Option<u16>, String) {
    let began = Instant::now();
    // Nothing runs in the stream but while it is read.
    let rest = async {
        let mut rest = String::new();
        while let Some(part) = stream.next().await {
            rest.push_str(std::str::from_utf8(&part.expect("a part")).expect("text"));
        }
        rest
    };
    let (closed, rest) = tokio::join!(socket.closed(), rest);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    (closed.map(|frame| frame.code.into()), rest)
}

async fn token_of(app: &TestApp, actor: &Actor) -> i64 {
    app.count(&format!("SELECT id FROM access_token WHERE staff_id = {}", actor.number)).await
}

#[tokio::test]
async fn a_revoked_token_ends_what_is_open() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let open = silent(&app, &rep).await;
    let other = silent(&app, &admin).await;
    let token = token_of(&app, &rep).await;
    admin
        .done(&format!(
            "revokeAccessToken(input: {{accessToken: {{number: {token}}}}}) {{ errors {{ code field message }} }}"
        ))
        .await;
    let (code, rest) = ends(open).await;
    assert_eq!(code, Some(4401));
    assert!(rest.contains("UNAUTHENTICATED") && rest.ends_with("event: complete\ndata:\n\n"), "{rest}");
    // That of somebody else stays.
    let (mut socket, _stream) = other;
    let id = socket.start("{ __typename }").await;
    assert_eq!(socket.next().await["id"], json!(id));
}

#[tokio::test]
async fn whoever_may_not_sign_in_any_more_is_cut() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let open = silent(&app, &rep).await;
    let number = rep.number;
    admin
        .done(&format!(
            "updateStaff(input: {{staff: {{number: {number}}}, isActive: false}}) {{ errors {{ code field message }} }}"
        ))
        .await;
    let (code, rest) = ends(open).await;
    assert_eq!(code, Some(4401));
    assert!(rest.contains("UNAUTHENTICATED"), "{rest}");
}

#[tokio::test]
async fn changed_rights_end_what_was_opened_with_the_old_ones() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let open = silent(&app, &rep).await;
    let role = app.count(&format!("SELECT role_id FROM staff WHERE id = {}", rep.number)).await;
    admin
        .done(&format!(
            "saveRole(input: {{role: {{number: {role}}}, permissions: []}}) {{ errors {{ code field message }} }}"
        ))
        .await;
    // Clients connect again, and are told what they may not.
    assert_eq!(ends(open).await, (Some(1012), String::new()));
}

/// The command line, or another replica.
#[tokio::test]
async fn other_processes_are_heard() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).start().await;
    app.listens(2).await;
    for how in 0..3 {
        let name = format!("Rep {how}");
        let rep = app.staff(&name, &["leads.read"]).await;
        let open = silent(&app, &rep).await;
        // SQLite is looked at every second; the first look must be over.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let email = format!("rep.{how}@example.com");
        match how {
            0 => admin::revoke_token(&other.hub, token_of(&app, &rep).await).await.expect("revoked"),
            1 => admin::deactivate(&other.hub, &email).await.expect("deactivated"),
            _ => _ = admin::set_password(&other.hub, &email, None).await.expect("set"),
        }
        assert_eq!(ends(open).await.0, Some(4401), "{how}");
    }
}

#[tokio::test]
async fn operations_of_a_connection_are_counted() {
    let app = TestApp::builder().set("limits.operations_per_connection", "2").start().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let mut socket = Socket::open(&app, &rep).await;
    let first = socket.start(WATCH).await;
    socket.start(WATCH).await;
    let third = socket.start(WATCH).await;
    assert_eq!(refused(&socket.next().await, &third), "TOO_MANY_OPERATIONS");
    socket.send(json!({ "type": "complete", "id": first })).await;
    let fourth = socket.start("{ __typename }").await;
    assert_eq!(
        socket.next().await,
        json!({ "type": "next", "id": fourth, "payload": { "data": { "__typename": "Query" } } })
    );
}

#[tokio::test]
async fn connections_of_a_caller_are_counted() {
    let app = TestApp::builder().set("limits.live_connections_per_caller", "2").start().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let (socket, stream) = silent(&app, &rep).await;
    let mut third = Socket::connect(&app).await;
    third.send(json!({ "type": "connection_init", "payload": { "Authorization": rep.token } })).await;
    let closed = third.closed().await.expect("a reason");
    assert_eq!((u16::from(closed.code), closed.reason.as_str()), (4429, "Too many connections"));
    let response = event_stream(&app, &rep).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    // Others have their own, and what ends makes room.
    let other = app.staff("Other", &["leads.read"]).await;
    Socket::open(&app, &other).await;
    drop((socket, stream));
    while event_stream(&app, &rep).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn operations_count_against_the_rate_of_the_caller() {
    let app = TestApp::builder().set("limits.requests_per_minute", "3").start().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let mut socket = Socket::open(&app, &rep).await;
    for _ in 0..2 {
        let id = socket.start("{ __typename }").await;
        assert_eq!(
            (socket.next().await["type"].clone(), socket.next().await["id"].clone()),
            (json!("next"), json!(id))
        );
    }
    let id = socket.start("{ __typename }").await;
    assert_eq!(refused(&socket.next().await, &id), "RATE_LIMITED");
    let response = event_stream(&app, &rep).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key(header::RETRY_AFTER) && response.headers().contains_key("ratelimit"));
    let mut another = Socket::connect(&app).await;
    another.send(json!({ "type": "connection_init", "payload": { "Authorization": rep.token } })).await;
    let closed = another.closed().await.expect("a reason");
    assert_eq!((u16::from(closed.code), closed.reason.as_str()), (4429, "Too many requests"));
}

#[tokio::test]
async fn whoever_tries_tokens_over_sockets_is_counted_by_address() {
    let app = TestApp::builder().set("limits.anonymous_requests_per_minute", "2").start().await;
    for code in [4403, 4403, 4429] {
        let mut socket = Socket::connect(&app).await;
        socket.send(json!({ "type": "connection_init", "payload": { "Authorization": "Bearer ggp_wrong" } })).await;
        assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(code));
    }
}

/// The code of an `error` message.
fn refused(message: &Value, id: &str) -> String {
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
    message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
}
