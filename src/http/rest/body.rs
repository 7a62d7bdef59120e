//! Reads the body of a call. Older apps send JSON or forms, whatever the documentation says, so both are taken.

use axum::{
    body::Body as Incoming,
    http::{HeaderMap, StatusCode, header},
};
use groupgraph_rest_compat::{
    bind::{Body, multipart},
    endpoint::{BodyKind, Endpoint},
    failure::{Failure, MALFORMED},
};

use crate::http::{App, body};

/// Bytes that are read of a request that is refused anyway.
const MOST_TO_FINISH: usize = 64 * 1024;

/// The body, as far as the endpoint has one.
///
/// # Errors
/// It is too large, too slow, or broken.
pub async fn read(app: &App, endpoint: &Endpoint, headers: &HeaderMap, body: Incoming) -> Result<Body, Vec<Failure>> {
    if endpoint.body == BodyKind::None {
        return Ok(Body::None);
    }
    let limit = if endpoint.is_large { app.server.max_upload_bytes } else { app.server.max_body_bytes };
    let bytes = body::read(headers, body, limit).await.map_err(|refused| vec![failure(refused.status(), limit)])?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "multipart/form-data" => {
            multipart::read(content_type, bytes).await.map(Body::Parts).map_err(|wrong| vec![wrong])
        }
        "application/x-www-form-urlencoded" => Ok(Body::Form(bytes.into())),
        _ => Ok(Body::Json(bytes.into())),
    }
}

/// Reads what a refused request still sends, if it is short: else the connection ends, and the next request on it.
pub async fn finish(headers: &HeaderMap, body: Incoming) {
    // Whoever sends more, or too slowly, has to connect again.
    let _ = body::read(headers, body, MOST_TO_FINISH).await;
}

fn failure(status: StatusCode, limit: usize) -> Failure {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new("TOO_LARGE", format!("The body is longer than {limit} bytes.")),
        StatusCode::REQUEST_TIMEOUT => Failure::new("TOO_SLOW", "The body came too slowly."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Failure::new("UNSUPPORTED_MEDIA_TYPE", "Send the body without Content-Encoding.")
        }
        _ => Failure::new(MALFORMED, "The body broke off."),
    }
}
