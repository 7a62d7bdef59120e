//! GET /files/{token}: the content behind a signed link, always as a download.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use groupgraph_entities::file;
use groupgraph_schema::{error::Error, files::picture};
use sea_orm::EntityTrait;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{App, reply};

/// What a link may ask for beside the file.
#[derive(Deserialize)]
pub struct Wanted {
    /// Most pixels that a picture may be wide.
    width: Option<u32>,
}

/// Sends the file. Links that are forged, expired or dead look the same.
pub async fn download(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Ok(number) = app.hub.files.open(&token, app.hub.clock.now()) else { return dead() };
    let content = match file::Entity::find_by_id(number).one(&app.hub.database.read).await {
        Ok(Some(content)) => content,
        Ok(None) => return dead(),
        Err(error) => return reply::error(error.into()),
    };
    match app.hub.files.get(&content.object_key).await {
        Ok(bytes) => {
            let bytes = match wanted.width {
                Some(width) => picture::narrowed(bytes, width).await,
                None => bytes,
            };
            (headers(&content), bytes).into_response()
        }
        Err(error) => reply::error(Error::internal(error)),
    }
}

fn dead() -> Response {
    reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "This link is not valid any more.")
}

fn headers(content: &file::Model) -> HeaderMap {
    // RFC 5987 wants %20 where forms write +.
    let name = byte_serialize(content.name.as_bytes()).collect::<String>().replace('+', "%20");
    let binary = HeaderValue::from_static("application/octet-stream");
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&content.media_type).unwrap_or(binary));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers
}
