//! Health, ids, the explorer, origins.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use super::{JSON, Server};

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

#[tokio::test]
async fn the_schema_can_be_asked_for_in_production_if_so_set() {
    let introspection = r#"{"query":"{ __schema { queryType { name } } }"}"#;
    let hidden = Server::start(&[("server.production", "true")]).await;
    assert_eq!(hidden.post(JSON, JSON, introspection).await.code(), "INTROSPECTION_OFF");
    let open = Server::start(&[("server.production", "true"), ("graphql.public_introspection", "true")]).await;
    assert_eq!(open.post(JSON, JSON, introspection).await.json()["data"]["__schema"]["queryType"]["name"], "Query");
}
