//! /graphql as a WebSocket: the protocol graphql-transport-ws, with its close codes. The token comes in
//! `connection_init`, because browsers cannot set headers here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Data,
    http::{WebSocket as Session, WebSocketProtocols, WsMessage},
};
use axum::{
    extract::{
        FromRequestParts, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{SinkExt, StreamExt, future};
use groupgraph_schema::identity::{AuthenticateError, authenticate};
use serde_json::Value;

use super::{App, caller, reply};
use groupgraph_schema::verb::CallerAddress;

const PROTOCOL: &str = "graphql-transport-ws";
/// Time for `connection_init` to arrive.
const INIT_WAIT: Duration = Duration::from_secs(10);
/// A silent connection is pinged this often, so that proxies keep it and dead ones are noticed.
const PING_EVERY: Duration = Duration::from_secs(20);

/// How far the handshake has come.
#[derive(Clone, Default)]
struct Handshake(Arc<AtomicU8>);

impl Handshake {
    const WAITING: u8 = 0;
    const ACCEPTED: u8 = 1;
    const REFUSED: u8 = 2;

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn is(&self, state: u8) -> bool {
        self.0.load(Ordering::Relaxed) == state
    }
}

/// Answers the upgrade request.
pub async fn upgrade(app: Arc<App>, mut parts: Parts) -> Response {
    let offered = parts.headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if !offered.is_some_and(|list| list.split(',').any(|protocol| protocol.trim() == PROTOCOL)) {
        let message = "Offer the WebSocket protocol graphql-transport-ws.";
        return reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    }
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]).max_message_size(app.server.max_body_bytes),
        Err(rejection) => return rejection.into_response(),
    };
    upgrade.on_upgrade(move |socket| talk(app, parts, socket))
}

async fn talk(app: Arc<App>, parts: Parts, socket: WebSocket) {
    let (mut sink, stream) = socket.split();
    let input = stream.take_while(|message| future::ready(message.is_ok())).filter_map(|message| {
        future::ready(match message {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => Some(message.into_data()),
            _ => None,
        })
    });
    let handshake = Handshake::default();
    let session = Session::new(app.schema.clone(), input, WebSocketProtocols::GraphQLWS)
        .on_connection_init(initialise(app.clone(), parts, handshake.clone()));
    tokio::pin!(session);
    let mut stopping = app.stopping.clone();
    let mut pings = tokio::time::interval(PING_EVERY);
    let init_wait = tokio::time::sleep(INIT_WAIT);
    tokio::pin!(init_wait);
    let close = loop {
        let message = tokio::select! {
            message = session.next() => match message {
                Some(WsMessage::Text(text)) => Message::Text(text.into()),
                Some(WsMessage::Close(code, reason)) => break Some((close_code(code, &handshake), reason)),
                None => break None,
            },
            () = &mut init_wait, if handshake.is(Handshake::WAITING) => {
                break Some((4408, "Connection initialisation timeout".to_owned()));
            }
            _ = pings.tick() => Message::Ping(axum::body::Bytes::new()),
            () = stopping.wait() => break Some((1001, "The server is stopping".to_owned())),
        };
        if sink.send(message).await.is_err() {
            return;
        }
    };
    if let Some((code, reason)) = close {
        // The other side may be gone already.
        let _ = sink.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }
}

/// async-graphql closes with general codes where the protocol has its own.
fn close_code(code: u16, handshake: &Handshake) -> u16 {
    match code {
        1002 if handshake.is(Handshake::REFUSED) => 4403,
        1002 => 4400,
        1011 => 4401,
        other => other,
    }
}

fn initialise(
    app: Arc<App>,
    parts: Parts,
    handshake: Handshake,
) -> impl FnOnce(Value) -> future::BoxFuture<'static, async_graphql::Result<Data>> + Send {
    move |payload| {
        Box::pin(async move {
            match authenticate(&app.hub, token(&payload, &parts.headers)).await {
                Ok(viewer) => {
                    handshake.set(Handshake::ACCEPTED);
                    let mut data = Data::default();
                    data.insert(viewer);
                    let trusts = app.server.trust_forwarded_for;
                    if let Some(address) = caller::address(&parts.headers, &parts.extensions, trusts) {
                        data.insert(CallerAddress(address));
                    }
                    Ok(data)
                }
                Err(error) => {
                    handshake.set(Handshake::REFUSED);
                    Err(match error {
                        AuthenticateError::Internal(error) => {
                            error.into_server_error(async_graphql::Pos::default()).message.into()
                        }
                        refused => refused.to_string().into(),
                    })
                }
            }
        })
    }
}

/// `{"Authorization": "Bearer TOKEN"}` in the payload, as clients commonly send it, else the header.
fn token<'a>(payload: &'a Value, headers: &'a HeaderMap) -> Option<&'a str> {
    let sent = ["Authorization", "authorization"].iter().find_map(|name| payload.get(name)?.as_str());
    let header = || headers.get(header::AUTHORIZATION)?.to_str().ok();
    sent.or_else(header).map(|text| caller::bearer(text).unwrap_or(text))
}
