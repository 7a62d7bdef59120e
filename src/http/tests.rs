//! The server without its schema: health, limits, ids, media types, the explorer.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use serde_json::Value;
use tower::ServiceExt;

use super::{app, serve::Stopping};
use crate::{
    config::{Config, Layers},
    instance,
};

/// An answer, read whole.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

struct Server {
    router: Router,
    stop: tokio::sync::watch::Sender<bool>,
    folder: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Left behind in the folder for temporary files at worst.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    async fn start(flags: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("groupgraph-http-{}", uuid::Uuid::new_v4()));
        let own = [("data_dir", folder.to_str().unwrap()), ("database.url", "sqlite::memory:")];
        let config =
            Config::from_layers(Layers::default().flags(own.into_iter().chain(flags.iter().copied()))).unwrap();
        let hub = instance::open(&config).await.unwrap();
        let (stop, stopping) = Stopping::channel();
        Self { router: app(hub, &config, stopping).unwrap(), stop, folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, path: &str, accept: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, media_type: &str, accept: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, media_type).header(header::ACCEPT, accept);
        self.send(request.body(body.into()).unwrap()).await
    }
}

const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";

#[tokio::test]
async fn health_readiness_and_numbers() {
    let server = Server::start(&[]).await;
    assert_eq!(server.get("/healthz", "*/*").await.status, StatusCode::OK);
    assert_eq!(server.get("/readyz", "*/*").await.text, "ready\n");
    let numbers = server.get("/metrics", "*/*").await.text;
    assert!(numbers.contains(r#"http_requests_total{method="GET",route="/healthz",status="200"}"#), "{numbers}");
    let keys = server.get("/.well-known/jwks.json", "*/*").await.json();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
    assert!(keys["keys"][0].get("d").is_none(), "the private part stays here");
    server.stop.send_replace(true);
    let stopping = server.get("/readyz", "*/*").await;
    assert_eq!((stopping.status, stopping.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "NOT_READY"));
    assert_eq!(server.get("/healthz", "*/*").await.status, StatusCode::OK);
}

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
async fn large_bodies_are_refused() {
    let server = Server::start(&[("server.max_body_bytes", "100")]).await;
    let answer = server.post(JSON, "*/*", "x".repeat(101)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"));
}

#[tokio::test]
async fn files_come_as_multipart() {
    let server = Server::start(&[]).await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n\
        {\"query\":\"{ __typename }\",\"variables\":{\"file\":null}}\r\n\
        --x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\":[\"variables.file\"]}\r\n\
        --x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n";
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header("graphql-require-preflight", "1");
    let answer = server.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.json()["data"]["__typename"], "Query");
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
async fn request_ids_are_taken_over_if_plain() {
    let server = Server::start(&[]).await;
    let with = |id: &str| Request::get("/healthz").header("x-request-id", id).body(Body::empty()).unwrap();
    assert_eq!(server.send(with("order-7")).await.header("x-request-id"), "order-7");
    for odd in ["", "a b", "{\"a\":1}", &"x".repeat(65)] {
        let answer = server.send(with(odd)).await;
        assert!(answer.header("x-request-id").parse::<uuid::Uuid>().is_ok(), "{odd}");
    }
}

#[tokio::test]
async fn browsers_get_the_explorer_but_not_in_production() {
    let server = Server::start(&[]).await;
    let page = server.get("/graphql", "text/html,*/*;q=0.8").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let files = page.text.split('"').filter(|part| part.starts_with("/graphql/explorer/"));
    let mut count = 0;
    for file in files {
        assert_eq!(server.get(file, "*/*").await.status, StatusCode::OK, "{file}");
        count += 1;
    }
    assert_eq!(count, 5);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"));

    let server = Server::start(&[("server.production", "true")]).await;
    assert_eq!(server.get("/graphql", "text/html").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/graphql/schema.graphql", "*/*").await.status, StatusCode::UNAUTHORIZED);
    let introspection = server.post(JSON, "*/*", r#"{"query":"{ __schema { queryType { name } } }"}"#).await;
    assert!(!introspection.text.contains("queryType\":{\"name"), "{}", introspection.text);
}

#[tokio::test]
async fn unknown_addresses_and_methods() {
    let server = Server::start(&[]).await;
    assert_eq!(server.get("/nothing", "*/*").await.code(), "NOT_FOUND");
    assert_eq!(server.get("/files/forged", "*/*").await.code(), "NOT_FOUND");
    let deletion = Request::delete("/graphql").body(Body::empty()).unwrap();
    assert_eq!(server.send(deletion).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.get("/nothing", "*/*").await.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let server = Server::start(&[("server.allowed_origins", "https://crm.example")]).await;
    for (origin, allowed) in [("https://crm.example", "https://crm.example"), ("https://evil.example", "")] {
        let request = Request::get("/healthz").header(header::ORIGIN, origin).body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_subscription_needs_its_protocol() {
    let server = Server::start(&[]).await;
    let request = Request::get("/graphql").header(header::UPGRADE, "websocket").body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, StatusCode::BAD_REQUEST);
}
