//! Gives each request an id, a span, a log line and its place in the metrics.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{Extensions, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use metrics::{counter, histogram};
use tracing::Instrument;
use uuid::Uuid;

/// Carries the id in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a caller.
const MAX_ID: usize = 64;

/// The id of a request, among its extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// The operation behind a REST endpoint and its route, among the extensions of the answer.
#[derive(Clone, Debug)]
pub struct Operation {
    pub name: String,
    pub route: String,
}

/// The id; empty outside the layer.
pub fn id(extensions: &Extensions) -> Arc<str> {
    extensions.get::<RequestId>().map_or_else(|| "".into(), |RequestId(id)| id.clone())
}

/// The layer.
pub async fn request(mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.to_str().unwrap_or_default().into()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default(), %method, route);
    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        let operation = response.extensions_mut().remove::<Operation>();
        let (name, route) = match operation {
            Some(Operation { name, route }) => (Some(name), route),
            None => (None, route),
        };
        let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
        let labels = [("method", method.to_string()), ("route", route.clone()), ("status", status.to_string())];
        counter!("http_requests_total", &labels).increment(1);
        histogram!("http_request_duration_seconds", "route" => route).record(seconds);
        tracing::info!(status, operation = name, milliseconds = (seconds * 10_000.0).round() / 10.0, "answered");
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }
    .instrument(span)
    .await
}

/// The caller's id if it is short and plain, so that log lines stay readable; else a new one.
fn request_id(request: &Request) -> HeaderValue {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let sent = request.headers().get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=MAX_ID).contains(&bytes.len()) && bytes.iter().copied().all(is_plain)
    });
    sent.cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}
