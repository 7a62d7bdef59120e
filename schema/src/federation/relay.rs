//! Changes that sources tell by themselves, over graphql-transport-ws: one connection for each source and collection
//! while somebody watches, opened again with growing pauses. Only kind and number are taken; whoever watches asks for
//! the row as for any other. It must not know viewers.

use std::{
    collections::HashSet,
    error::Error,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::{SinkExt, StreamExt};
use http::{Uri, header::AUTHORIZATION};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rand::RngExt;
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::timeout};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig},
};
use tower_service::Service;

use super::{
    address::{AddressRules, CheckedResolver},
    collection::Collection,
    registry::{Endpoint, Source},
};

/// Changes that a slow watcher may fall behind before it misses some.
const BACKLOG: usize = 1_024;
/// Longest message of a source, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;
/// Longest wait for a connection and for its greeting.
const GREETING: Duration = Duration::from_secs(10);
/// Silence after which a connection is tried with a ping, and then given up.
const SILENCE: Duration = Duration::from_secs(30);
/// Pauses between connections: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(1));

type Failure = Box<dyn Error + Send + Sync>;

/// A change of a row at a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteChange {
    pub tenant: i64,
    pub collection: Collection,
    /// Word of `ChangeKind`.
    pub kind: String,
    /// Global id.
    pub id: String,
    pub number: i64,
}

/// Passes on what sources tell.
#[derive(Debug)]
pub struct Relay {
    changes: broadcast::Sender<RemoteChange>,
    rules: AddressRules,
    /// Source and collection of each open connection.
    open: Arc<Mutex<HashSet<(i64, Collection)>>>,
    /// Those who watch now.
    watchers: Arc<AtomicUsize>,
}

/// Somebody who watches; dropping it ends that.
#[derive(Debug)]
pub struct Watch {
    changes: broadcast::Receiver<RemoteChange>,
    watchers: Arc<AtomicUsize>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watchers.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Watch {
    /// The next change; none if there are no more.
    pub async fn next(&mut self) -> Option<RemoteChange> {
        loop {
            match self.changes.recv().await {
                Ok(change) => return Some(change),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Relay {
    /// Connects to addresses that the rules allow.
    #[must_use]
    pub fn new(rules: AddressRules) -> Self {
        let changes = broadcast::channel(BACKLOG).0;
        Self { changes, rules, open: Arc::default(), watchers: Arc::default() }
    }

    /// Somebody watches from now on.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.watchers.fetch_add(1, Ordering::AcqRel);
        Watch { changes: self.changes.subscribe(), watchers: self.watchers.clone() }
    }

    /// Sees to it that sources are listened to. Only those that speak our contract tell changes.
    pub fn listen(&self, sources: &[Arc<Source>], collection: Collection) {
        let Some(field) = field(collection) else { return };
        for source in sources.iter().filter(|source| source.mode == "NATIVE" && source.state == "ACTIVE") {
            let place = (source.number, collection);
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if source.endpoint.is_none() || !open.insert(place) {
                continue;
            }
            let listener = Listener {
                source: Arc::downgrade(source),
                name: source.name.clone(),
                tenant: source.tenant,
                collection,
                field,
                changes: self.changes.clone(),
                rules: self.rules.clone(),
                watchers: self.watchers.clone(),
            };
            let open = self.open.clone();
            tokio::spawn(async move {
                listener.run().await;
                open.lock().unwrap_or_else(PoisonError::into_inner).remove(&place);
            });
        }
    }
}

/// The subscription of a source, and the member that holds the row.
fn field(collection: Collection) -> Option<(&'static str, &'static str)> {
    match collection {
        Collection::Leads => Some(("leadChanged", "lead")),
        Collection::Tickets => Some(("ticketChanged", "ticket")),
        _ => None,
    }
}

struct Listener {
    /// Gone as soon as the source is removed, or read anew.
    source: Weak<Source>,
    name: String,
    tenant: i64,
    collection: Collection,
    field: (&'static str, &'static str),
    changes: broadcast::Sender<RemoteChange>,
    rules: AddressRules,
    watchers: Arc<AtomicUsize>,
}

impl Listener {
    fn is_wanted(&self) -> bool {
        self.watchers.load(Ordering::Acquire) > 0
    }

    async fn run(&self) {
        let mut pause = PAUSES.0;
        while self.is_wanted() {
            let Some(endpoint) = self.source.upgrade().and_then(|source| source.endpoint.clone()) else { return };
            let mut has_answered = false;
            if let Err(error) = self.session(&endpoint, &mut has_answered).await {
                tracing::debug!(source = self.name, error = &*error, "changes of a source are not heard");
            }
            if has_answered {
                pause = PAUSES.0;
            }
            let wait = pause.mul_f64(rand::rng().random_range(0.8..1.2));
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// One connection, from its greeting to its end; or until nobody watches any more.
    async fn session(&self, endpoint: &Endpoint, has_answered: &mut bool) -> Result<(), Failure> {
        let (field, row) = self.field;
        let mut socket = timeout(GREETING, connect(endpoint, &self.rules)).await??;
        let credential = format!("Bearer {}", endpoint.credential.expose());
        let greeting = json!({ "type": "connection_init", "payload": { "Authorization": credential } });
        socket.send(Message::text(greeting.to_string())).await?;
        let query = format!("subscription{{{field}{{change id {row}{{number}}}}}}");
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
        let mut is_silent = false;
        while self.is_wanted() {
            let message = match timeout(SILENCE, socket.next()).await {
                Ok(Some(message)) => message?,
                Ok(None) => return Ok(()),
                Err(_) if is_silent => return Err("it is silent".into()),
                Err(_) => {
                    is_silent = true;
                    socket.send(Message::text(json!({ "type": "ping" }).to_string())).await?;
                    continue;
                }
            };
            is_silent = false;
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text)?;
            match message["type"].as_str() {
                Some("connection_ack") => {
                    *has_answered = true;
                    socket.send(Message::text(subscribe.to_string())).await?;
                }
                Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string())).await?,
                Some("next") => self.tell(&message["payload"]["data"][field], row),
                Some("error") => {
                    // It offers no such subscription, or not to us: nothing is gained by asking often.
                    *has_answered = false;
                    return Err(format!("it refuses: {}", message["payload"]).into());
                }
                Some("complete") => return Ok(()),
                _ => {}
            }
        }
        Ok(socket.close(None).await?)
    }

    fn tell(&self, change: &Value, row: &str) {
        let (Some(kind), Some(id)) = (change["change"].as_str(), change["id"].as_str()) else { return };
        let Some(number) = change[row]["number"].as_i64().or_else(|| number(id)) else { return };
        // Nobody listening is no failure.
        let _ = self.changes.send(RemoteChange {
            tenant: self.tenant,
            collection: self.collection,
            kind: kind.to_owned(),
            id: id.to_owned(),
            number,
        });
    }
}

/// The number in a global id; a row that is gone has no other.
fn number(id: &str) -> Option<i64> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    text.rsplit(':').next()?.parse().ok()
}

type Socket = tokio_tungstenite::WebSocketStream<TokioIo<<HttpsConnector<Connector> as Service<Uri>>::Response>>;
type Connector = HttpConnector<CheckedResolver>;

async fn connect(endpoint: &Endpoint, rules: &AddressRules) -> Result<Socket, Failure> {
    let url = rules.check(&endpoint.url)?;
    let mut plain = HttpConnector::new_with_resolver(CheckedResolver(rules.clone()));
    plain.enforce_http(false);
    // WebSockets speak HTTP/1.1.
    let mut connector = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(rustls::crypto::aws_lc_rs::default_provider())?
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain);
    let stream = connector.call(url.as_str().parse()?).await?;
    let mut request = url.as_str().replacen("http", "ws", 1).into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let mut authorization = HeaderValue::try_from(format!("Bearer {}", endpoint.credential.expose()))?;
    authorization.set_sensitive(true);
    headers.insert(AUTHORIZATION, authorization);
    let limits =
        WebSocketConfig::default().max_message_size(Some(LONGEST_MESSAGE)).max_frame_size(Some(LONGEST_MESSAGE));
    let (socket, _) = client_async_with_config(request, TokioIo::new(stream), Some(limits)).await?;
    Ok(socket)
}
