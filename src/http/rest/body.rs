//! Reads the body of a call. Older apps send JSON or forms, whatever the documentation says, so both are taken; files
//! of forms are stored as they come.

use axum::{
    body::Body as Incoming,
    http::{HeaderMap, StatusCode, header},
};
use groupgraph_rest_compat::{
    bind::{Body, multipart},
    endpoint::{BodyKind, Endpoint},
    failure::{Failure, MALFORMED},
};
use groupgraph_schema::upload::Arrived;

use super::uploads::Uploads;
use crate::http::{
    App,
    body::{self, Fault},
};

/// Bytes that are read of a request that is refused anyway.
const MOST_TO_FINISH: usize = 64 * 1024;

/// The body, as far as the endpoint has one, and its files.
///
/// # Errors
/// It is too large, too slow, or broken.
pub async fn read(
    app: &App,
    endpoint: &Endpoint,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<(Body, Option<Arrived>), Vec<Failure>> {
    if endpoint.body == BodyKind::None {
        return Ok((Body::None, None));
    }
    let limit = if endpoint.is_large { app.server.max_upload_bytes } else { app.server.max_body_bytes };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "multipart/form-data" {
        return form(app, content_type, (headers, body), limit).await;
    }
    let bytes = body::read(headers, body, limit).await.map_err(|refused| vec![failure(refused.status(), limit)])?;
    let is_form = media_type == "application/x-www-form-urlencoded";
    Ok((if is_form { Body::Form(bytes.into()) } else { Body::Json(bytes.into()) }, None))
}

async fn form(
    app: &App,
    content_type: &str,
    (headers, body): (&HeaderMap, Incoming),
    limit: usize,
) -> Result<(Body, Option<Arrived>), Vec<Failure>> {
    let chunks = body::chunks(headers, body, limit).map_err(|fault| vec![of(fault)])?;
    let mut uploads = Uploads::new(app.hub.files.clone());
    let parts = multipart::read(content_type, chunks, broken, &mut uploads).await;
    // What has come is removed with this, unless somebody takes it.
    let arrived = Arrived::new(app.hub.files.clone(), uploads.into_received());
    parts.map(|parts| (Body::Parts(parts), Some(arrived))).map_err(|wrong| vec![wrong])
}

/// Reads what a refused request still sends, if it is short: else the connection ends, and the next request on it.
pub async fn finish(headers: &HeaderMap, body: Incoming) {
    // Whoever sends more, or too slowly, has to connect again.
    let _ = body::read(headers, body, MOST_TO_FINISH).await;
}

/// The fault of the body behind one of its form.
pub fn broken(error: &multer::Error) -> Option<Failure> {
    match error {
        multer::Error::StreamReadFailed(inner) => inner.downcast_ref::<Fault>().map(|fault| of(*fault)),
        _ => None,
    }
}

fn of(fault: Fault) -> Failure {
    let code = match fault {
        Fault::TooLarge(_) => "TOO_LARGE",
        Fault::TooSlow => "TOO_SLOW",
        Fault::Packed => "UNSUPPORTED_MEDIA_TYPE",
        Fault::BrokeOff => MALFORMED,
    };
    Failure::new(code, fault.to_string())
}

fn failure(status: StatusCode, limit: usize) -> Failure {
    of(match status {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge(limit),
        StatusCode::REQUEST_TIMEOUT => Fault::TooSlow,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Fault::Packed,
        _ => Fault::BrokeOff,
    })
}
