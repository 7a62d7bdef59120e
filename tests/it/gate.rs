//! Operations that ask for too much, at every door: 400, a code, the limit and what was found, and no data.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;
use url::form_urlencoded::byte_serialize;

use crate::support::{TestApp, socket::Socket};

/// One operation beyond a limit: its code, the limit, what it has, the text, and how many values `$v` gets.
type Beyond = (&'static str, u64, u64, String, usize);

/// Something beyond each limit.
fn beyond() -> Vec<Beyond> {
    let many = |part: &str, count: usize| part.repeat(count);
    let aliases = (0..31).map(|index| format!("a{index}: name")).collect::<Vec<_>>().join(" ");
    let spreads = format!("query($v: [ID!]!) {{ {} }} fragment F on Query {{ {} }}", many("...F ", 4), uses(1));
    vec![
        ("QUERY_TOO_LONG", 100_000, 100_001, format!("{{ __typename }}{}", many(" ", 100_001 - 14)), 0),
        ("TOO_MANY_TOKENS", 2000, 2001, format!("{{ {} }}", many("a ", 1999)), 0),
        ("TOO_DEEP", 64, 65, format!("{}a{}", many("{ a ", 65), many(" }", 65)), 0),
        ("TOO_DEEP", 15, 16, format!("{}{}", many("{ a ", 16), many(" }", 16)), 0),
        ("TOO_MANY_ALIASES", 30, 31, format!("{{ lead(by: {{number: 1}}) {{ {aliases} }} }}"), 0),
        ("TOO_MANY_ROOT_FIELDS", 20, 21, format!("{{ {} }}", many("__typename ", 21)), 0),
        ("TOO_MANY_SELECTIONS", 10_000, 49_151, doubled(14), 0),
        ("TOO_MANY_DIRECTIVES", 10, 11, format!("{{ __typename {} }}", many("@skip(if: false) ", 11)), 0),
        ("TOO_MANY_DIRECTIVES", 50, 51, format!("{{ lead {{ {} }} }}", many("name @skip(if: false) ", 51)), 0),
        ("TOO_MANY_VALUES", 10_000, 10_001, format!("query($v: [ID!]!) {{ {} }}", uses(1)), 10_000),
        ("TOO_EXPENSIVE", 50_000, 50_001, expensive(), 0),
        ("TOO_EXPENSIVE", 50_000, 3 * (11 + 2 * 9_999), format!("query($v: [ID!]!) {{ {} }}", uses(3)), 9_999),
        // Put in four times, and checked once.
        ("TOO_EXPENSIVE", 50_000, 4 * 11 + 5 * 9_999, spreads, 9_999),
    ]
}

/// Fields with the same variable. Each costs 11, and twice the variable's values, which are checked and put in.
fn uses(count: usize) -> String {
    (0..count).map(|index| format!("a{index}: nodes(ids: $v) {{ id }}")).collect::<Vec<_>>().join(" ")
}

/// Fragments of which each spreads the next one twice.
fn doubled(count: usize) -> String {
    let each = |index: usize| format!("fragment F{index} on Query {{ ...F{0} ...F{0} }} ", index + 1);
    let fragments: String = (0..count).map(each).collect();
    format!("{{ ...F0 }} {fragments} fragment F{count} on Query {{ __typename }}")
}

/// 50,001 fields over all rows and values: 2 + 100 × 499 + 97, and the number, which counts twice.
fn expensive() -> String {
    let rows = "leads(first: 100) { nodes { ".to_owned() + &"name ".repeat(499) + "} }";
    let rest: String = "name ".repeat(96);
    format!("{{ {rows} lead(by: {{number: 1}}) {{ {rest} }} }}")
}

async fn send(app: &TestApp, request: Request<Body>) -> (StatusCode, Value) {
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test]
async fn each_limit_has_its_code_at_every_door() {
    let app = TestApp::start().await;
    for (code, limit, found, text, values) in beyond() {
        let variables = json!({ "v": vec![0; values] });
        let body = json!({ "query": text, "variables": variables }).to_string();
        let post = |accept: &str| {
            let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
            request.header(header::ACCEPT, accept).body(Body::from(body.clone())).expect("a request")
        };
        let parts = format!(
            "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{body}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--x--\r\n"
        );
        let files = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header("graphql-require-preflight", "1")
            .body(Body::from(parts));
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let query = format!("{}&variables={}", encoded(&text), encoded(&variables.to_string()));
        let mut requests =
            vec![post("application/json"), post("application/graphql-response+json"), files.expect("a request")];
        // Longer ones are no address.
        if query.len() < 60_000 {
            let get = Request::get(format!("/graphql?query={query}")).header("graphql-require-preflight", "1");
            requests.push(get.body(Body::empty()).expect("a request"));
        }
        for request in requests {
            let door = format!("{code} {} {:?}", request.method(), request.headers());
            let (status, json) = send(&app, request).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{door}: {json}");
            let expected = json!({ "code": code, "limit": limit, "found": found });
            assert_eq!(json["errors"][0]["extensions"], expected, "{door}");
            assert_eq!(json.get("data"), None, "{door}");
        }
        let mut socket = Socket::open(&app, &app.anonymous()).await;
        socket
            .send(json!({ "id": "1", "type": "subscribe", "payload": { "query": text, "variables": variables } }))
            .await;
        let message = socket.next().await;
        let expected = json!({ "code": code, "limit": limit, "found": found });
        assert_eq!((&message["type"], &message["payload"][0]["extensions"]), (&json!("error"), &expected));
        let events = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        let events = events.header(header::ACCEPT, "text/event-stream").body(Body::from(body)).expect("a request");
        let (status, json) = send(&app, events).await;
        assert_eq!((status, &json["errors"][0]["extensions"]), (StatusCode::BAD_REQUEST, &expected), "events {code}");
    }
}

#[tokio::test]
async fn limits_are_settings() {
    let app = TestApp::builder().set("graphql.max_depth", "2").set("graphql.max_cost", "30").start().await;
    let viewer = app.administrator().await;
    assert_eq!(viewer.query("{ leads { totalCount } }").await.code(), "");
    assert_eq!(viewer.query("{ leads { nodes { name } } }").await.code(), "TOO_DEEP");
    let by_variable = "query($n: Int) { a: leads(first: $n) { nodes { __typename } } }";
    let app = TestApp::builder().set("graphql.max_cost", "30").start().await;
    let viewer = app.administrator().await;
    assert_eq!(viewer.query_with(by_variable, json!({ "n": 28 })).await.code(), "");
    assert_eq!(viewer.query_with(by_variable, json!({ "n": 29 })).await.code(), "TOO_EXPENSIVE");
}

#[tokio::test]
async fn a_document_may_come_again_with_other_variables() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let query = "query A($by: Boolean!) { b: lead(by: {number: 1}) @include(if: $by) { name } a: __typename } query B { b: __typename }";
    for (name, by, expected) in [
        ("A", true, json!({"b": null, "a": "Query"})),
        ("A", false, json!({"a": "Query"})),
        ("B", true, json!({"b": "Query"})),
    ] {
        let body = json!({ "query": query, "operationName": name, "variables": { "by": by } });
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        let (_, json) = send(&app, request.body(Body::from(body.to_string())).expect("a request")).await;
        assert_eq!(json["data"].to_string(), expected.to_string(), "{json}");
    }
    assert!(viewer.query("{ leadz { totalCount } }").await.message().contains("leadz"));
    assert!(!viewer.query("{ leadz { totalCount } }").await.message().contains("Did you mean"));
}
