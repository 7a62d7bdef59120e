//! Everything that is served over HTTP, put together in one place for `serve`, `demo` and the tests.
//! It must not hold rules: requests go to the GraphQL schema.

mod accept;
mod allowance;
mod answer;
mod body;
mod caller;
mod documents;
mod event_stream;
mod explorer;
mod extent;
mod file;
mod graphql;
mod health;
mod idempotency;
mod lasting;
mod multipart;
mod observe;
mod once;
mod operation;
pub mod parameters;
mod places;
mod portal;
mod protect;
mod refusal;
mod reply;
mod rest;
pub mod serve;
mod slow_reader;
mod socket;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use groupgraph_schema::{Schema, hub::Hub, identity};
use tokio::sync::Semaphore;
use tower_http::{
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
};

use self::{allowance::Allowances, documents::Documents, lasting::Connections, places::Places, serve::Stopping};
pub use self::{documents::LoadError, rest::catalog};
use crate::{
    config::{self, Config},
    telemetry,
};

/// What requests need.
struct App {
    hub: Hub,
    schema: Schema,
    server: config::Server,
    limits: config::Limits,
    documents: Documents,
    rest: rest::Mounts,
    openapi: rest::documents::Documents,
    instance_tokens: rest::InstanceTokens,
    allowances: Allowances,
    connections: Connections,
    /// One for each request that may be received or answered at the same time.
    requests: Semaphore,
    places: Places,
    stopping: Stopping,
    readiness: health::Readiness,
}

/// The whole server of one instance. `stopping` turns readiness off and ends subscriptions.
///
/// # Errors
/// The trusted documents cannot be read, or operation files are wrong.
pub fn app(hub: Hub, config: &Config, stopping: Stopping) -> Result<Router, LoadError> {
    telemetry::metrics();
    let rest = rest::Mounts::new(&config.rest).map_err(LoadError::from)?;
    let app = Arc::new(App {
        openapi: rest::documents::Documents::of(&rest),
        rest,
        schema: groupgraph_schema::schema(hub.clone()),
        documents: Documents::load(&hub.settings.graphql)?,
        instance_tokens: rest::InstanceTokens::new(&hub),
        hub,
        server: config.server.clone(),
        limits: config.limits.clone(),
        allowances: Allowances::new(&config.limits),
        connections: Connections::default(),
        requests: Semaphore::new(config.limits.requests_in_flight),
        places: Places::new(config.limits.requests_in_flight),
        stopping,
        readiness: health::Readiness::default(),
    });
    tokio::spawn(places::keep_fit(Arc::downgrade(&app)));
    Ok(routes(app.clone())
        .layer(CompressionLayer::new())
        .layer(cross_origin(&config.server))
        .layer(middleware::from_fn(protect::headers))
        .layer(middleware::from_fn_with_state(app.clone(), protect::limits))
        .layer(middleware::from_fn(observe::request))
        .with_state(app))
}

fn routes(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/graphql", get(graphql::read).post(graphql::write))
        .route("/graphql/schema.graphql", get(definition))
        .route("/graphql/explorer/{file}", get(explorer::asset))
        .route("/.well-known/jwks.json", get(public_keys))
        .route("/openapi/{file}", get(rest::documents::document))
        .route("/docs", get(rest::documents::page))
        .route("/docs/{file}", get(rest::documents::asset))
        .route("/files/{token}", get(file::download))
        .route("/portal/workorders/{token}", get(portal::open))
        .route_layer(middleware::from_fn_with_state(app, protect::shed))
        // A busy server is alive, and wants to be looked at.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(rest::answer)
        .method_not_allowed_fallback(wrong_method)
}

/// Pages of the configured origins may call; no cookies are involved, so none are allowed.
fn cross_origin(server: &config::Server) -> CorsLayer {
    let origins = server.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(TAKEN)
        .expose_headers(TOLD)
}

/// A header that no plain HTML form can send.
const PREFLIGHT: HeaderName = HeaderName::from_static("graphql-require-preflight");
/// The same, as Apollo's clients send it.
const APOLLO_PREFLIGHT: HeaderName = HeaderName::from_static("apollo-require-preflight");

/// What pages of other origins may send.
const TAKEN: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::ACCEPT,
    observe::REQUEST_ID,
    idempotency::KEY,
    PREFLIGHT,
    APOLLO_PREFLIGHT,
];

/// What pages of other origins may read.
const TOLD: [HeaderName; 5] =
    [observe::REQUEST_ID, idempotency::REPLAYED, allowance::POLICY, allowance::LIMIT, header::RETRY_AFTER];

/// GET /graphql/schema.graphql: introspection in another form, so it hides under the same condition.
async fn definition(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
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
