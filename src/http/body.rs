//! Reads a request body: within its size, in time, and unpacked by nobody. It must not know what is in it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::reply;

/// Time that any body may take.
const WAIT: Duration = Duration::from_secs(10);
/// Bytes that earn a second more: whoever sends slower is cut.
const BYTES_PER_SECOND: usize = 32 * 1024;

/// The whole body.
///
/// # Errors
/// The finished answer: 413 if it is longer than `limit` bytes, before reading it where its length is told; 415 if it
/// is packed, because a small one could unpack to anything; 408 if it comes too slowly; 400 if it breaks off.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Response> {
    let is_packed = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if is_packed {
        let mut response = reply::failure(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the body without Content-Encoding.",
        );
        response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Err(response);
    }
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    collect(body, told.unwrap_or_default(), limit).await
}

async fn collect(body: Body, expected: usize, limit: usize) -> Result<Bytes, Response> {
    let started = Instant::now();
    let mut chunks = body.into_data_stream();
    let mut received: Vec<u8> = Vec::with_capacity(expected.min(64 * 1024));
    loop {
        let earned = Duration::from_secs((received.len() / BYTES_PER_SECOND) as u64);
        match timeout_at(started + WAIT + earned, chunks.next()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(received.into()),
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a body broke off");
                return Err(reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The body broke off."));
            }
            Ok(Some(Ok(chunk))) if received.len() + chunk.len() > limit => return Err(too_large(limit)),
            Ok(Some(Ok(chunk))) => received.extend_from_slice(&chunk),
        }
    }
}

fn too_large(limit: usize) -> Response {
    let message = format!("The body is longer than {limit} bytes.");
    closing(reply::failure(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", &message))
}

fn too_slow() -> Response {
    closing(reply::failure(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", "The body came too slowly."))
}

/// What is left of the body would be taken for the next request.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
