//! Bodies: too long, too deep, packed, too slow.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use futures_util::stream;

use super::{JSON, Server};
use crate::http::body;

#[tokio::test]
async fn large_bodies_are_refused() {
    let server = Server::start(&[("server.max_body_bytes", "100")]).await;
    let answer = server.post(JSON, "*/*", "x".repeat(101)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"));
}

#[tokio::test]
async fn a_length_that_is_told_is_refused_before_reading() {
    let server = Server::start(&[]).await;
    let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request =
        Request::post("/graphql").header(header::CONTENT_TYPE, JSON).header(header::CONTENT_LENGTH, "50000000");
    let answer = server.send(request.body(endless).unwrap()).await;
    assert_eq!((answer.status, answer.header("connection")), (StatusCode::PAYLOAD_TOO_LARGE, "close"));
}

#[tokio::test]
async fn packed_bodies_are_not_unpacked() {
    let server = Server::start(&[]).await;
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, JSON).header(header::CONTENT_ENCODING, "gzip");
    let answer = server.send(request.body(Body::from("x")).unwrap()).await;
    assert_eq!((answer.status, answer.header("accept-encoding")), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "identity"));
}

#[tokio::test]
async fn deep_json_is_refused() {
    let server = Server::start(&[]).await;
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let (open_map, close_map) = (r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for body in [
        open.clone(),
        format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{open}{close}}}}}"#),
        format!(r#"{{"query":"{{ __typename }}","extensions":{{"a":{open_map}1{close_map}}}}}"#),
    ] {
        let answer = server.post(JSON, JSON, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
        assert!(answer.text.len() < 1000);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_senders_are_cut() {
    let drops = stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
    });
    let started = tokio::time::Instant::now();
    let refused = body::read(&header::HeaderMap::new(), Body::from_stream(drops), 1000).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(started.elapsed().as_secs() <= 11);
}
