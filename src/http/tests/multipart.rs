//! Operations with files.

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Server};

/// Name, filename and content of a part.
type Part<'a> = (&'a str, Option<&'a str>, &'a str);

fn form(parts: &[Part<'_>]) -> String {
    let part = |(name, filename, content): &Part<'_>| {
        let filename = filename.map_or_else(String::new, |filename| format!("; filename=\"{filename}\""));
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n{content}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--x--\r\n"
}

async fn send(server: &Server, body: String, preflight: Option<&'static str>) -> Answer {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    if let Some(name) = preflight {
        request = request.header(name, "1");
    }
    server.send(request.body(body.into()).unwrap()).await
}

fn operations() -> String {
    json!({ "query": "{ __typename }", "variables": { "file": null, "files": [null] } }).to_string()
}

#[tokio::test]
async fn files_come_as_multipart() {
    let server = Server::start(&[]).await;
    let operations = operations();
    let whole = form(&[
        ("operations", None, &operations),
        ("map", None, r#"{"0":["variables.file"],"1":["variables.files.0"]}"#),
        ("1", Some("b.txt"), "hello"),
        ("0", Some("a.txt"), "hello"),
    ]);
    for preflight in ["graphql-require-preflight", "apollo-require-preflight"] {
        let answer = send(&server, whole.clone(), Some(preflight)).await;
        assert_eq!(answer.json()["data"]["__typename"], "Query", "{}", answer.text);
    }
    let unguarded = send(&server, whole, None).await;
    assert_eq!((unguarded.status, unguarded.code().as_str()), (StatusCode::BAD_REQUEST, "PREFLIGHT_REQUIRED"));
}

#[tokio::test]
async fn forms_that_break_the_specification_are_refused() {
    let server = Server::start(&[("server.max_upload_bytes", "100000"), ("server.max_body_bytes", "10000")]).await;
    let operations = operations();
    let map = ("map", None, r#"{"0":["variables.file"]}"#);
    let many: Value =
        (0..11).map(|number| (number.to_string(), json!(["variables.file"]))).collect::<serde_json::Map<_, _>>().into();
    let places = json!({ "0": vec!["variables.file"; 11] });
    let long_map = format!("{}{}", map.2, " ".repeat(70_000));
    let long_operations = format!("{}{}", operations, " ".repeat(20_000));
    let (many, places) = (many.to_string(), places.to_string());
    let first = ("operations", None, operations.as_str());
    let file = ("0", Some("a.txt"), "hello");
    for parts in [
        vec![map, first, file],
        vec![first, file, map],
        vec![first, map],
        vec![first, map, file, file],
        vec![first, map, file, ("1", Some("b.txt"), "hello")],
        vec![first, ("map", None, r#"{"0":["variables.other"]}"#), file],
        vec![first, ("map", None, r#"{"0":["query"]}"#), file],
        vec![first, ("map", None, "[]"), file],
        vec![first, ("map", None, &many)],
        vec![first, ("map", None, &places), file],
        vec![first, ("map", None, &long_map), file],
        vec![("operations", None, &long_operations), map, file],
        vec![("operations", None, "[]"), map, file],
    ] {
        let answer = send(&server, form(&parts), Some("graphql-require-preflight")).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{parts:?}");
    }
    let large = "x".repeat(100_000);
    let body = form(&[first, map, ("0", Some("a.txt"), &large)]);
    let answer = send(&server, body, Some("graphql-require-preflight")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
