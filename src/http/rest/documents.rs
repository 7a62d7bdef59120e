//! The documentation of the REST interfaces: `OpenAPI` documents, and a page that shows them, from files inside the
//! binary.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use groupgraph_rest_compat::openapi;
use rust_embed::Embed;

use super::Mounts;
use crate::http::{App, reply};

/// Name of the document of all systems.
const ALL: &str = "all";

#[derive(Embed)]
#[folder = "src/http/assets/docs"]
struct Assets;

/// `RapiDoc` sets styles inline; scripts come from here only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Documents by file name, each made when it is first asked for: they are large, and few ask.
pub struct Documents(BTreeMap<String, OnceLock<Bytes>>);

impl Documents {
    /// Those of what is served.
    pub fn of(mounts: &Mounts) -> Self {
        let names = mounts.systems().map(|(system, _)| system.name.as_str()).chain([ALL]);
        Self(names.map(|name| (format!("{name}.json"), OnceLock::new())).collect())
    }

    /// A document, with the places where its operations are served.
    fn get(&self, mounts: &Mounts, file: &str) -> Option<Bytes> {
        let document = self.0.get(file)?.get_or_init(|| {
            let system = mounts.systems().find(|(system, _)| file.strip_suffix(".json") == Some(&system.name));
            let document = match system {
                Some((system, prefix)) => openapi::of_system(mounts.catalog, system, prefix),
                None => openapi::of_all(mounts.catalog, &mounts.systems().collect::<Vec<_>>()),
            };
            document.to_string().into()
        });
        Some(document.clone())
    }
}

/// GET /openapi/{file}
pub async fn document(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response {
    if let Some(document) = app.openapi.get(&app.rest, &file) {
        return ([(header::CONTENT_TYPE, "application/json")], document).into_response();
    }
    let known: Vec<&str> = app.openapi.0.keys().map(String::as_str).collect();
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
