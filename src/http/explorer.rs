//! GraphiQL for browsers, from files inside the binary.

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

use super::reply;

#[derive(Embed)]
#[folder = "src/http/assets/graphiql"]
struct Assets;

/// GraphiQL sets styles and fonts inline; scripts come from here only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page itself; hidden in production.
pub fn page(is_production: bool) -> Response {
    if is_production {
        return reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "The explorer is off. Send operations with POST.");
    }
    let mut response = file("explorer.html", "no-cache");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// GET /graphql/explorer/{file}
pub async fn asset(Path(name): Path<String>) -> Response {
    file(&name, "public, max-age=86400")
}

fn file(name: &str, caching: &'static str) -> Response {
    let Some(content) = Assets::get(name) else {
        return reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such file.");
    };
    let media_type = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, caching)];
    (headers, content.data).into_response()
}
