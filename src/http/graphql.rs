//! GET and POST /graphql: reads one operation, runs it for its viewer, and writes the answer as the GraphQL over HTTP
//! specification asks.

use std::sync::Arc;

use async_graphql::{
    Request as Operation, Response as Outcome, ServerError, Value,
    http::{MultipartOptions, parse_query_string, receive_body},
    parser::types::OperationType,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::io::Cursor;

use super::{App, PREFLIGHT, caller, explorer, reply, subscription};
use groupgraph_schema::{gate::Refusal, verb::CallerAddress};
use serde_json::json;

const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";
/// Files in one request.
const MAX_FILES: usize = 10;

/// GET /graphql: an operation in the query string, the explorer for browsers, or a WebSocket.
pub async fn read(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if parts.headers.contains_key(header::UPGRADE) {
        return subscription::upgrade(app, parts).await;
    }
    let query = parts.uri.query().unwrap_or_default();
    if query.is_empty() && accepts(&parts.headers, "text/html") {
        return explorer::page(app.server.production);
    }
    let operation = match parse_query_string(query) {
        Ok(operation) if !operation.query.is_empty() => operation,
        Ok(_) => return refused("The parameter `query` is missing."),
        Err(error) => return refused(&error.to_string()),
    };
    run(&app, &parts, operation).await
}

/// POST /graphql: an operation as JSON, or with files as multipart/form-data.
pub async fn write(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match receive(&app, &parts, body).await {
        Ok(operation) => run(&app, &parts, operation).await,
        Err(response) => response,
    }
}

async fn receive(app: &App, parts: &Parts, body: Body) -> Result<Operation, Response> {
    let header = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = header.split(';').next().unwrap_or_default().trim();
    let limit = if media_type.eq_ignore_ascii_case("multipart/form-data") {
        // A form of any web page could send this with the visitor's rights if they came from a cookie or an address.
        if ![header::AUTHORIZATION, PREFLIGHT].iter().any(|name| parts.headers.contains_key(name)) {
            return Err(refused("Send the header GraphQL-Require-Preflight with files."));
        }
        app.server.max_upload_bytes
    } else if media_type.eq_ignore_ascii_case(JSON) {
        app.server.max_body_bytes
    } else {
        let message = "Send application/json, or multipart/form-data with files.";
        return Err(reply::failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    };
    let bytes = to_bytes(body, limit).await.map_err(|_| {
        reply::failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            "TOO_LARGE",
            &format!("The body is cut or longer than {limit} bytes."),
        )
    })?;
    let options = MultipartOptions::default().max_file_size(limit).max_num_files(MAX_FILES);
    let operation =
        receive_body(Some(header), Cursor::new(bytes), options).await.map_err(|error| refused(&error.to_string()))?;
    if operation.query.is_empty() {
        return Err(refused("The member `query` is missing."));
    }
    Ok(operation)
}

/// A request that is no GraphQL request.
fn refused(message: &str) -> Response {
    reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

async fn run(app: &App, parts: &Parts, operation: Operation) -> Response {
    let viewer = match caller::viewer(&app.hub, &parts.headers).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    let mut admitted = match app.schema.admit(operation) {
        Ok(admitted) => admitted,
        Err(refusal) if refusal.is_limit() => return over_limit(refusal, &parts.headers),
        Err(refusal) => return respond(refusal.into(), &parts.headers),
    };
    if parts.method == axum::http::Method::GET && admitted.kind().is_some_and(|kind| kind != OperationType::Query) {
        let message = "Only queries may be sent with GET.";
        let mut response = reply::failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    if app.server.production && !viewer.is_signed_in() {
        admitted = admitted.disable_introspection();
    }
    if let Some(address) = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for) {
        admitted = admitted.data(CallerAddress(address));
    }
    respond(app.schema.run(admitted.data(viewer)).await, &parts.headers)
}

/// An operation that asks for too much: 400 for every client.
fn over_limit(refusal: Refusal, headers: &HeaderMap) -> Response {
    let media_type = if accepts(headers, GRAPHQL_JSON) { GRAPHQL_JSON } else { JSON };
    let body = json!({ "errors": [ServerError::from(refusal)] });
    let content_type = [(header::CONTENT_TYPE, format!("{media_type}; charset=utf-8"))];
    (StatusCode::BAD_REQUEST, content_type, body.to_string()).into_response()
}

fn respond(outcome: Outcome, headers: &HeaderMap) -> Response {
    let (status, media_type) = if accepts(headers, GRAPHQL_JSON) {
        // Errors without a path were found before anything ran.
        let is_refused =
            outcome.data == Value::Null && outcome.is_err() && outcome.errors.iter().all(|error| error.path.is_empty());
        (if is_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK }, GRAPHQL_JSON)
    } else {
        (StatusCode::OK, JSON)
    };
    match serde_json::to_vec(&outcome) {
        Ok(bytes) => {
            let content_type = [(header::CONTENT_TYPE, format!("{media_type}; charset=utf-8"))];
            (status, content_type, outcome.http_headers, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the answer cannot be written as JSON");
            reply::internal("The answer cannot be written.")
        }
    }
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .any(|entry| entry.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type))
}
