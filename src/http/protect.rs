//! Keeps a request from hurting others: time limit, panics, headers for browsers.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;

use super::{App, reply};

/// Answers 503 after the time limit and 500 after a panic, instead of nothing.
pub async fn limits(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(app.server.request_timeout_seconds);
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = text(panic.as_ref()), "a request panicked");
            reply::internal("Something went wrong here; the operators can find it in the log by the x-request-id.")
        }
        Err(_) => reply::failure(StatusCode::SERVICE_UNAVAILABLE, "TIMED_OUT", "This took too long."),
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Answers 503 at once while too many other requests are received or answered: a queue would only make all of them
/// late.
pub async fn shed(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Ok(_request) = app.requests.try_acquire() else { return busy() };
    if app.places.are_taken() {
        return busy();
    }
    next.run(request).await
}

/// There is no place for this request now.
pub fn busy() -> Response {
    let message = "The server is busy; ask again in a moment.";
    let mut response = reply::failure(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// Tells browsers to take answers for what they are and to run nothing in them.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
