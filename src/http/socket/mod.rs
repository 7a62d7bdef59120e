//! /graphql as a WebSocket: the protocol graphql-transport-ws with its close codes. The token comes in
//! `connection_init`, because browsers cannot set headers here.

mod close;
mod message;
mod operation;
mod session;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::{App, reply};

const PROTOCOL: &str = "graphql-transport-ws";

/// Answers the upgrade request.
pub async fn upgrade(app: Arc<App>, mut parts: Parts) -> Response {
    let offered = parts.headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if !offered.is_some_and(|list| list.split(',').any(|protocol| protocol.trim() == PROTOCOL)) {
        let message = "Offer the WebSocket protocol graphql-transport-ws.";
        return reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    }
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade
            .protocols([PROTOCOL])
            .max_message_size(app.server.max_body_bytes)
            .on_upgrade(move |socket| session::talk(app, parts, socket)),
        Err(rejection) => rejection.into_response(),
    }
}
