//! GET /portal/workorders/{token}: what a link to a work order shows, for whoever has it.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use groupgraph_schema::{verb::CallerAddress, viewer::Viewer};
use serde_json::json;

use super::{App, caller, caller::Caller, reply};

const OPEN: &str = "mutation($token: String!) { openWorkorderPortalLink(input: {token: $token}) \
    { portal { workorder permissions expiresAt } errors { code message } } }";

/// Opens the link.
pub async fn open(State(app): State<Arc<App>>, Path(token): Path<String>, parts: Parts) -> Response {
    let address = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for);
    if app.allowances.take(Caller::of(&Viewer::default(), address)).is_err() {
        return reply::failure(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests; wait a moment.");
    }
    let mut request = Request::new(OPEN).variables(Variables::from_json(json!({ "token": token })));
    request = request.data(Viewer::default());
    if let Some(address) = address {
        request = request.data(CallerAddress(address));
    }
    let answer = app.schema.execute(request).await;
    let data = answer.data.into_json().unwrap_or_default();
    let opened = &data["openWorkorderPortalLink"];
    if !opened["portal"].is_null() {
        let headers = [(header::CACHE_CONTROL, "private, no-store")];
        return (headers, Json(opened["portal"].clone())).into_response();
    }
    let (code, message) = (&opened["errors"][0]["code"], &opened["errors"][0]["message"]);
    let status = match code.as_str() {
        Some("NOT_FOUND") => StatusCode::NOT_FOUND,
        Some("EXPIRED") => StatusCode::GONE,
        Some("FORBIDDEN") => StatusCode::FORBIDDEN,
        _ => return reply::internal("Something went wrong here; the operators can find it in the log."),
    };
    reply::failure(status, code.as_str().unwrap_or_default(), message.as_str().unwrap_or_default())
}
