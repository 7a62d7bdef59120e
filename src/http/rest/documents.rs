//! The documentation of the REST interfaces: `OpenAPI` documents, and a page that shows them, from files inside the
//! binary.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use groupgraph_rest_compat::openapi;
use rust_embed::Embed;

use super::Mounts;
use crate::http::{App, reply};

#[derive(Embed)]
#[folder = "src/http/assets/docs"]
struct Assets;

/// `RapiDoc` sets styles inline; scripts come from here only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Documents by file name.
pub type Documents = BTreeMap<String, String>;

/// The documents of what is served, at the places where it is.
pub fn all(mounts: &Mounts) -> Documents {
    let one = |(name, document): (&str, serde_json::Value)| (format!("{name}.json"), document.to_string());
    let systems = mounts
        .systems()
        .map(|(system, prefix)| (system.name.as_str(), openapi::of_system(mounts.catalog, system, prefix)));
    let served: Vec<_> = mounts.systems().collect();
    systems.chain([("all", openapi::of_all(mounts.catalog, &served))]).map(one).collect()
}

/// GET /openapi/{file}
pub async fn document(State(app): State<Arc<App>>, Path(name): Path<String>) -> Response {
    if let Some(document) = app.openapi.get(&name) {
        return ([(header::CONTENT_TYPE, "application/json")], document.clone()).into_response();
    }
    let known: Vec<&str> = app.openapi.keys().map(String::as_str).collect();
    let message = format!("There is no such document; there are {}.", known.join(", "));
    reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", &message)
}

/// GET /docs
pub async fn page() -> Response {
    let mut response = asset(Path("docs.html".to_owned())).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// GET /docs/{file}
pub async fn asset(Path(name): Path<String>) -> Response {
    let media_type = match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "html")) => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    match Assets::get(&name) {
        Some(content) => ([(header::CONTENT_TYPE, media_type)], content.data).into_response(),
        None => reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such file."),
    }
}
