//! Everything that is served over HTTP, put together in one place for `serve`, `demo` and the tests.
//! It must not hold rules: requests go to the GraphQL schema.

mod caller;
mod explorer;
mod file;
mod graphql;
mod health;
mod observe;
mod protect;
mod reply;
pub mod serve;
mod subscription;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use groupgraph_schema::{Schema, hub::Hub, identity};
use tower_http::{
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
};

use self::serve::Stopping;
use crate::{config, telemetry};

/// What requests need.
struct App {
    hub: Hub,
    schema: Schema,
    server: config::Server,
    stopping: Stopping,
    readiness: health::Readiness,
}

/// The whole server of one instance. `stopping` turns readiness off and ends subscriptions.
pub fn app(hub: Hub, server: &config::Server, stopping: Stopping) -> Router {
    telemetry::metrics();
    let app = Arc::new(App {
        schema: groupgraph_schema::schema(hub.clone()),
        hub,
        server: server.clone(),
        stopping,
        readiness: health::Readiness::default(),
    });
    Router::new()
        .route("/graphql", get(graphql::read).post(graphql::write))
        .route("/graphql/schema.graphql", get(definition))
        .route("/graphql/explorer/{file}", get(explorer::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/.well-known/jwks.json", get(public_keys))
        .route("/files/{token}", get(file::download))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(CompressionLayer::new())
        .layer(cross_origin(server))
        .layer(middleware::from_fn(protect::headers))
        .layer(middleware::from_fn_with_state(app.clone(), protect::limits))
        .layer(middleware::from_fn(observe::request))
        .with_state(app)
}

/// Pages of the configured origins may call; no cookies are involved, so none are allowed.
fn cross_origin(server: &config::Server) -> CorsLayer {
    let origins = server.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, observe::REQUEST_ID, PREFLIGHT])
        .expose_headers([observe::REQUEST_ID])
}

/// A header that no plain HTML form can send.
const PREFLIGHT: HeaderName = HeaderName::from_static("graphql-require-preflight");

/// GET /graphql/schema.graphql: introspection in another form, so it hides under the same condition.
async fn definition(State(app): State<Arc<App>>, headers: axum::http::HeaderMap) -> Response {
    let viewer = match caller::viewer(&app.hub, &headers).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    if app.server.production && !viewer.is_signed_in() {
        return reply::failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "Sign in first.");
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], groupgraph_schema::sdl()).into_response()
}

/// GET /.well-known/jwks.json
async fn public_keys(State(app): State<Arc<App>>) -> Response {
    match identity::jwks(&app.hub).await {
        Ok(keys) => ([(header::CACHE_CONTROL, "public, max-age=300")], axum::Json(keys)).into_response(),
        Err(error) => reply::error(error),
    }
}

async fn nothing_here() -> Response {
    reply::failure(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing at this address.")
}

async fn wrong_method() -> Response {
    reply::failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "This address does not take this method.")
}
