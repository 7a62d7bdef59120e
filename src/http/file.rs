//! GET /files/{token}: the content behind a signed link, always as a download.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use url::form_urlencoded::byte_serialize;

use super::{App, reply};
use crate::pending;

/// Sends the file. Links that are forged, expired or dead look the same.
pub async fn download(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    let content = match pending::open_file(&app.hub, &token).await {
        Ok(Some(content)) => content,
        Ok(None) => return reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "This link is not valid any more."),
        Err(error) => return reply::error(error),
    };
    // RFC 5987 wants %20 where forms write +.
    let name = byte_serialize(content.name.as_bytes()).collect::<String>().replace('+', "%20");
    let binary = HeaderValue::from_static("application/octet-stream");
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&content.media_type).unwrap_or(binary));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    (headers, content.bytes).into_response()
}
