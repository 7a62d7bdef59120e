//! Operations by GET and POST, in the form that the caller takes.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;

use super::{GRAPHQL_JSON, JSON, Server};

#[tokio::test]
async fn operations_by_post_and_get() {
    let server = Server::start(&[]).await;
    let by_post = server.post(JSON, "*/*", r#"{"query":"{ __typename }"}"#).await;
    assert_eq!((by_post.status, by_post.json()["data"]["__typename"].as_str()), (StatusCode::OK, Some("Query")));
    assert_eq!(by_post.header("content-type"), "application/json; charset=utf-8");
    let by_get = server.get("/graphql?query=%7B__typename%7D", GRAPHQL_JSON).await;
    assert_eq!(by_get.header("content-type"), "application/graphql-response+json; charset=utf-8");
    assert_eq!(by_get.json()["data"]["__typename"], "Query");
    let mutation = server.get("/graphql?query=mutation%7B__typename%7D", "*/*").await;
    assert_eq!((mutation.status, mutation.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn other_pages_cannot_make_a_browser_ask() {
    let server = Server::start(&[]).await;
    let get = || Request::get("/graphql?query=%7B__typename%7D").header(header::ORIGIN, "https://evil.example");
    let bare = server.send(get().body(Body::empty()).unwrap()).await;
    assert_eq!((bare.status, bare.code().as_str()), (StatusCode::BAD_REQUEST, "PREFLIGHT_REQUIRED"));
    for name in ["graphql-require-preflight", "apollo-require-preflight"] {
        let guarded = server.send(get().header(name, "1").body(Body::empty()).unwrap()).await;
        assert_eq!(guarded.json()["data"]["__typename"], "Query");
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let simple = server.post(media_type, "*/*", r#"{"query":"{ __typename }"}"#).await;
        assert_eq!(simple.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type}");
    }
    // The browser asks first, and is told no.
    let preflight = Request::options("/graphql")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type");
    let answer = server.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn what_is_no_operation_is_refused() {
    let server = Server::start(&[]).await;
    for (media_type, body, status) in [
        (JSON, "{", StatusCode::BAD_REQUEST),
        (JSON, "{}", StatusCode::BAD_REQUEST),
        (JSON, r#"[{"query":"{ __typename }"}]"#, StatusCode::BAD_REQUEST),
        ("text/plain", r#"{"query":"{ __typename }"}"#, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data; boundary=x", "--x--", StatusCode::BAD_REQUEST),
    ] {
        let answer = server.post(media_type, "*/*", body).await;
        assert_eq!(answer.status, status, "{media_type} {body}: {}", answer.text);
        assert!(!answer.code().is_empty());
    }
    let invalid = r#"{"query":"{ nonsense }"}"#;
    assert_eq!(server.post(JSON, GRAPHQL_JSON, invalid).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.post(JSON, JSON, invalid).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    let server = Server::start(&[]).await;
    for value in ["Bearer wrong", "Basic YTpi", "Bearer "] {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, JSON)
            .header(header::AUTHORIZATION, value)
            .body(r#"{"query":"{ __typename }"}"#.into());
        let answer = server.send(request.unwrap()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn what_did_not_run_has_no_data() {
    let server = Server::start(&[]).await;
    for (parameters, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ nonsense }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "query A { __typename } query B { __typename }" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "{ __typename }", "operationName": "Other" }), "OPERATION_RESOLUTION_FAILURE"),
        (
            json!({ "query": "query($id: ID!) { node(id: $id) { id } }", "variables": { "id": null } }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        for (accept, status) in [(GRAPHQL_JSON, StatusCode::BAD_REQUEST), (JSON, StatusCode::OK)] {
            let answer = server.ask(accept, parameters.clone()).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text);
            assert!(answer.json().get("data").is_none(), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn too_much_is_a_bad_request_for_every_client() {
    let server = Server::start(&[("graphql.max_depth", "1")]).await;
    let answer = server.ask(JSON, json!({ "query": "{ viewer { id } }" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "TOO_DEEP"));
    assert_eq!(answer.json()["errors"][0]["extensions"]["limit"], 1);
}

#[tokio::test]
async fn variables_and_extensions_are_objects() {
    let server = Server::start(&[]).await;
    for (member, text) in [
        ("variables", "[]"),
        ("variables", "1"),
        ("variables", r#""{}""#),
        ("variables", r#"{"a":"\ud800"}"#),
        ("variables", r#"{"a":1e999}"#),
        ("extensions", "[]"),
        ("extensions", "false"),
    ] {
        let body = format!(r#"{{"query":"{{ __typename }}","{member}":{text}}}"#);
        let by_post = server.post(JSON, JSON, body).await;
        assert_eq!((by_post.status, by_post.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{text}");
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let by_get = server.get(&format!("/graphql?query=%7B__typename%7D&{member}={text}"), JSON).await;
        assert_eq!((by_get.status, by_get.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{text}");
    }
    for text in ["null", "{}", r#"{"unknown":[1,{"a":2}]}"#] {
        let body = format!(r#"{{"query":"{{ __typename }}","variables":{text},"extensions":{text}}}"#);
        assert_eq!(server.post(JSON, JSON, body).await.json()["data"]["__typename"], "Query", "{text}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_not_made() {
    let server = Server::start(&[]).await;
    let answer = server.ask("text/html", json!({ "query": "{ __typename }" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn answers_as_events() {
    let server = Server::start(&[]).await;
    let answer = server.ask("text/event-stream", json!({ "query": "{ __typename }" })).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let lines: Vec<&str> = answer.text.lines().map(str::trim_end).collect();
    assert_eq!(lines, ["event: next", r#"data: {"data":{"__typename":"Query"}}"#, "", "event: complete", "data:", ""]);
    let one = server.ask(JSON, json!({ "query": "subscription { leadChanged { change } }" })).await;
    assert_eq!(one.code(), "STREAM_REQUIRED");
    let mutation = server.get("/graphql?query=mutation%7B__typename%7D", "text/event-stream").await;
    assert_eq!(mutation.status, StatusCode::METHOD_NOT_ALLOWED);
}
