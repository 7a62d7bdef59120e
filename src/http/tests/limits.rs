//! Too many requests and connections.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use futures_util::{FutureExt, stream};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::Instant,
};

use super::{JSON, Server};
use crate::http::serve::{Bounds, Stopping, serve};

#[tokio::test]
async fn an_empty_bucket_is_told() {
    let server = Server::start(&[("limits.anonymous_requests_per_minute", "2")]).await;
    let parameters = json!({ "query": "{ __typename }" });
    for left in ["1", "0"] {
        let answer = server.ask(JSON, parameters.clone()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("ratelimit-policy"), r#""default";q=2;w=60"#);
        assert!(answer.header("ratelimit").starts_with(&format!(r#""default";r={left};t="#)));
    }
    let refused = server.ask(JSON, parameters.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    assert!((1..=31).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    // Whoever tries tokens shares the bucket of the address.
    let request =
        Request::post("/graphql").header(header::CONTENT_TYPE, JSON).header(header::AUTHORIZATION, "Bearer wrong");
    let guess = server.send(request.body(parameters.to_string().into()).unwrap()).await;
    assert_eq!(guess.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.get("/healthz", "*/*").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_busy_server_says_so_at_once() {
    let server = Server::start(&[("limits.requests_in_flight", "1")]).await;
    let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, JSON).body(endless).unwrap();
    let mut running = Box::pin(server.send(request));
    assert!((&mut running).now_or_never().is_none());
    let refused = server.ask(JSON, json!({ "query": "{ __typename }" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(server.get("/readyz", "*/*").await.status, StatusCode::OK);
    drop(running);
    assert_eq!(server.ask(JSON, json!({ "query": "{ __typename }" })).await.status, StatusCode::OK);
}

/// Serves one connection at a time, until what is answered beside the address is dropped.
async fn listen_for_one(server: &Server) -> (SocketAddr, impl Drop) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = Stopping::channel();
    let bounds = Bounds { connections: 1, grace: Duration::ZERO, reader_wait: Duration::from_secs(1) };
    tokio::spawn(serve(listener, server.router.clone(), stopping, bounds));
    (address, stop)
}

#[tokio::test]
async fn whoever_does_not_read_the_answers_is_cut() {
    let server = Server::start(&[]).await;
    let (address, _stop) = listen_for_one(&server).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = socket.connect(address).await.unwrap();
    // More than the system keeps for a reader.
    let requests = b"GET /graphql/schema.graphql HTTP/1.1\r\nhost: hub\r\n\r\n".repeat(100);
    deaf.write_all(&requests).await.unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(15) {
        let mut other = TcpStream::connect(address).await.unwrap();
        other.write_all(b"GET /healthz HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        // A connection too many may break off.
        let _ = other.read_to_string(&mut text).await;
        if text.starts_with("HTTP/1.1 200 ") {
            assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the connection is still there");
}

#[tokio::test]
async fn a_connection_too_many_is_told() {
    let server = Server::start(&[]).await;
    let (address, _stop) = listen_for_one(&server).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    let mut text = String::new();
    second.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("retry-after: 1"), "{text}");
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    first.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}
