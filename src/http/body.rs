//! Reads a request body: within its size, in time, and unpacked by nobody. It must not know what is in it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::reply;

/// Time that any body may take.
const WAIT: Duration = Duration::from_secs(10);
/// Bytes that earn a second more: whoever sends slower is cut.
const BYTES_PER_SECOND: usize = 32 * 1024;

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("The body is longer than {0} bytes.")]
    TooLarge(usize),
    #[error("The body came too slowly.")]
    TooSlow,
    #[error("The body broke off.")]
    BrokeOff,
    #[error("Send the body without Content-Encoding.")]
    Packed,
}

/// The whole body.
///
/// # Errors
/// The finished answer: 413 if it is longer than `limit` bytes, before reading it where its length is told; 415 if it
/// is packed, because a small one could unpack to anything; 408 if it comes too slowly; 400 if it breaks off.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Response> {
    let told = length(headers).unwrap_or_default();
    let mut chunks = std::pin::pin!(chunks(headers, body, limit).map_err(refuse)?);
    let mut received: Vec<u8> = Vec::with_capacity(told.min(64 * 1024));
    while let Some(chunk) = chunks.next().await {
        received.extend_from_slice(&chunk.map_err(refuse)?);
    }
    Ok(received.into())
}

/// The body as it comes, ending with a fault if there is one.
///
/// # Errors
/// It is packed, or says that it is too long.
pub fn chunks(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<impl Stream<Item = Result<Bytes, Fault>> + Send + 'static, Fault> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Fault::Packed);
    }
    if length(headers).is_some_and(|length| length > limit) {
        return Err(Fault::TooLarge(limit));
    }
    let started = Instant::now();
    let state = (body.into_data_stream(), 0_usize);
    Ok(stream::try_unfold(state, move |(mut chunks, received)| async move {
        let earned = Duration::from_secs((received / BYTES_PER_SECOND) as u64);
        match timeout_at(started + WAIT + earned, chunks.next()).await {
            Err(_) => Err(Fault::TooSlow),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a body broke off");
                Err(Fault::BrokeOff)
            }
            Ok(Some(Ok(chunk))) if received + chunk.len() > limit => Err(Fault::TooLarge(limit)),
            Ok(Some(Ok(chunk))) => {
                let received = received + chunk.len();
                Ok(Some((chunk, (chunks, received))))
            }
        }
    }))
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn refuse(fault: Fault) -> Response {
    let message = fault.to_string();
    match fault {
        Fault::TooLarge(_) => closing(reply::failure(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", &message)),
        Fault::TooSlow => closing(reply::failure(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", &message)),
        Fault::BrokeOff => reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", &message),
        Fault::Packed => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let mut response = reply::failure(status, "UNSUPPORTED_MEDIA_TYPE", &message);
            response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            response
        }
    }
}

/// What is left of the body would be taken for the next request.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
