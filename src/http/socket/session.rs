//! One WebSocket from its opening to its close: the state machine of graphql-transport-ws.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    extract::ws::{Message, WebSocket},
    http::request::Parts,
};
use futures_util::future::{self, BoxFuture, FutureExt};
use groupgraph_schema::{
    identity::{AuthenticateError, authenticate},
    viewer::Viewer,
};
use serde_json::{Map, Value};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::timeout,
};

use super::{
    close::Close,
    message::{Received, Sent},
    operation::{self, Outgoing, Running},
};
use crate::http::{
    App,
    answer::Answer,
    caller::{self, Caller},
    lasting::{self, End, Held},
    multipart::Files,
    observe,
    operation::prepare,
    parameters::Parameters,
    refusal::Refusal,
};

/// Time for `connection_init` to arrive.
const INIT_WAIT: Duration = Duration::from_secs(10);
/// A connection is pinged this often; one that was silent in between is dead.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Time that a message gets to leave: whoever reads slower is cut.
const SEND_WAIT: Duration = Duration::from_secs(10);
/// Time that the other side gets to close, too.
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// Messages that wait to be sent; operations pause while there are more.
const OUTBOX: usize = 32;

/// A connection, and what runs on it.
struct Session {
    app: Arc<App>,
    parts: Parts,
    opened: Option<Opened>,
    operations: HashMap<String, Running>,
    started: u64,
    outbox: Sender<Outgoing>,
    end: BoxFuture<'static, End>,
}

/// What `connection_init` brought.
struct Opened {
    token: Option<String>,
    caller: Caller,
    _held: Held,
}

/// What to do after an event: nothing, send a text, or close.
type Step = Result<Option<String>, Close>;

/// Talks until either side closes.
pub async fn talk(app: Arc<App>, parts: Parts, mut socket: WebSocket) {
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    let end = future::pending().boxed();
    let session = Session { app, parts, opened: None, operations: HashMap::new(), started: 0, outbox, end };
    if let Some(close) = session.run(&mut socket, inbox).await {
        // The other side may be gone already, or not answer: there is nothing more to do.
        let _ = timeout(SEND_WAIT, socket.send(Message::Close(Some(close.into())))).await;
        let _ = timeout(CLOSE_WAIT, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }
}

impl Session {
    /// The reason to close; none if the other side is gone.
    async fn run(mut self, socket: &mut WebSocket, mut inbox: Receiver<Outgoing>) -> Option<Close> {
        let init_wait = tokio::time::sleep(INIT_WAIT);
        tokio::pin!(init_wait);
        let mut stopping = self.app.stopping.clone();
        let mut pings = tokio::time::interval(PING_EVERY);
        let mut is_heard = true;
        loop {
            let step = tokio::select! {
                message = socket.recv() => {
                    is_heard = true;
                    match message {
                        Some(Ok(message)) => self.hear(message).await,
                        // After this the connection cannot be read any more.
                        Some(Err(error)) if is_too_large(&error) => Err(Close::TooLarge),
                        Some(Err(_)) | None => return None,
                    }
                }
                Some(outgoing) = inbox.recv() => Ok(self.tell(outgoing)),
                end = &mut self.end => Err(end.into()),
                () = stopping.wait() => Err(Close::Stopping),
                () = &mut init_wait, if self.opened.is_none() => Err(Close::InitialisationTimeout),
                _ = pings.tick() => {
                    if !std::mem::take(&mut is_heard) {
                        return None;
                    }
                    send(socket, Message::Ping(axum::body::Bytes::new())).await?;
                    continue;
                }
            };
            match step {
                Ok(None) => {}
                Ok(Some(text)) => send(socket, Message::Text(text.into())).await?,
                Err(close) => return Some(close),
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Step {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close::Invalid),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        match Received::read(&text).ok_or(Close::Invalid)? {
            Received::ConnectionInit { payload } => self.open(&payload).await,
            Received::Ping { payload } => Ok(Some(Sent::Pong { payload }.write())),
            Received::Pong => Ok(None),
            Received::Subscribe { id, payload } => self.subscribe(id, payload).await,
            Received::Complete { id } => {
                self.operations.remove(&id);
                Ok(None)
            }
        }
    }

    async fn open(&mut self, payload: &Map<String, Value>) -> Step {
        if self.opened.is_some() {
            return Err(Close::InitialisedTwice);
        }
        let token = token(payload).or_else(|| caller::token(&self.parts.headers)).map(str::to_owned);
        let found = authenticate(&self.app.hub, token.as_deref()).await;
        let trusts = self.app.server.trust_forwarded_for;
        let address = caller::address(&self.parts.headers, &self.parts.extensions, trusts);
        // Whoever tries tokens is counted by address.
        let caller = Caller::of(found.as_ref().unwrap_or(&Viewer::default()), address);
        self.app.allowances.take(caller).map_err(|_| Close::TooManyRequests)?;
        let viewer = match found {
            Ok(viewer) => viewer,
            Err(AuthenticateError::Internal(error)) => return Err(internal(&error)),
            Err(refused) => return Err(Close::Forbidden(refused.to_string())),
        };
        let most = self.app.limits.live_connections_per_caller;
        let held = self.app.connections.hold(caller, most).ok_or(Close::TooManyConnections)?;
        self.end = lasting::end(self.app.clone(), token.clone(), viewer).boxed();
        self.opened = Some(Opened { token, caller, _held: held });
        Ok(Some(Sent::ConnectionAck.write()))
    }

    async fn subscribe(&mut self, id: String, parameters: Parameters) -> Step {
        let opened = self.opened.as_ref().ok_or(Close::Unauthorized)?;
        if self.operations.contains_key(&id) {
            return Err(Close::SubscriberExists(id));
        }
        if self.operations.len() >= self.app.limits.operations_per_connection {
            let refusal = Refusal::new("TOO_MANY_OPERATIONS", "Too many operations run on this connection.");
            return Ok(Some(self.refused(&id, refusal)));
        }
        if let Err(standing) = self.app.allowances.take(opened.caller) {
            return Ok(Some(self.refused(&id, Refusal::too_many(standing.wait()))));
        }
        // Asked anew for each operation, so that what was revoked holds at once.
        let viewer = match authenticate(&self.app.hub, opened.token.as_deref()).await {
            Ok(viewer) => viewer,
            Err(AuthenticateError::Internal(error)) => return Err(internal(&error)),
            Err(refused) => return Err(Close::TokenEnded(refused.to_string())),
        };
        match prepare(&self.app, viewer, &self.parts, parameters, Files::new()) {
            Ok(operation) => self.start(id, operation.outcomes(&self.app)),
            Err(refusal) => return Ok(Some(self.refused(&id, refusal))),
        }
        Ok(None)
    }

    fn start(&mut self, id: String, outcomes: futures_util::stream::BoxStream<'static, async_graphql::Response>) {
        self.started += 1;
        let request_id = observe::id(&self.parts.extensions);
        let running = operation::start((id.clone(), self.started), outcomes, request_id, self.outbox.clone());
        self.operations.insert(id, running);
    }

    fn refused(&self, id: &str, refusal: Refusal) -> String {
        let answer = Answer::refused(refusal, &observe::id(&self.parts.extensions));
        Sent::Error { id, payload: answer.errors() }.write()
    }

    /// A message of an operation, unless the client has ended it.
    fn tell(&mut self, outgoing: Outgoing) -> Option<String> {
        if self.operations.get(&outgoing.id)?.serial != outgoing.serial {
            return None;
        }
        if outgoing.is_last {
            self.operations.remove(&outgoing.id);
        }
        Some(outgoing.text)
    }
}

/// None if the other side is gone or does not read.
async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    timeout(SEND_WAIT, socket.send(message)).await.ok()?.ok()
}

fn internal(error: &groupgraph_schema::error::Error) -> Close {
    tracing::error!(%error, "internal error");
    Close::Internal
}

/// The library wraps its error, whose text is all that can be seen.
fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too large") || error.to_string().contains("too long")
}

/// `{"Authorization": "Bearer TOKEN"}`, as clients commonly send it; the scheme may be missing.
fn token(payload: &Map<String, Value>) -> Option<&str> {
    let sent = ["Authorization", "authorization"].iter().find_map(|name| payload.get(*name)?.as_str())?;
    Some(caller::bearer(sent).unwrap_or(sent))
}
