//! A subsidiary that a test programs: leads with a keyset, or one of the ways in which servers fail.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write as _},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
    serve::Listener,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    federation::{
        Federation,
        collection::Collection,
        contract::{CollectionState, SUBSIDIARY},
        registry::{Endpoint, Live, Source},
    },
    hub::Clock,
    settings::{self, Secret},
};

/// How the fake answers.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// By the contract.
    Good,
    /// By the contract, but late.
    Late(Duration),
    /// Never.
    Hang,
    /// With a status and a body.
    Say(u16, String),
    /// With the headers and body of a good answer packed again and again.
    Packed(Bytes),
    /// Without an end.
    Endless,
    /// With a pointer to another place.
    Redirect(String),
    /// With so many megabytes.
    Large(usize),
    /// With so many megabytes packed into few bytes.
    Bomb(usize),
    /// A byte now and then.
    Drip,
    /// By closing the connection before an answer.
    Reset,
    /// By closing the connection within the answer.
    Cut,
    /// With the wish not to be asked for so many seconds.
    Busy(u32),
}

struct Inner {
    rows: Vec<Lead>,
    behaviour: Mutex<Behaviour>,
    /// For the next call only.
    once: Mutex<Option<Behaviour>>,
    calls: AtomicUsize,
    headers: Mutex<HeaderMap>,
    connections: AtomicUsize,
    most_connections: AtomicUsize,
}

/// A row: number, second of creation, name.
#[derive(Clone, Debug)]
pub struct Lead {
    pub number: i32,
    pub second: u32,
}

pub struct Fake {
    pub url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Fake {
    pub async fn start(rows: Vec<Lead>) -> Self {
        let behaviour = Mutex::new(Behaviour::Good);
        let none = || AtomicUsize::new(0);
        let inner = Arc::new(Inner {
            rows,
            behaviour,
            once: Mutex::default(),
            calls: none(),
            headers: Mutex::default(),
            connections: none(),
            most_connections: none(),
        });
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
        let url = format!("http://127.0.0.1:{}/graphql", listener.local_addr().expect("bound").port());
        let listener = Counted { listener, inner: inner.clone() };
        let router = Router::new().route("/graphql", post(answer)).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, inner, server }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.inner.behaviour.lock().expect("no panic") = behaviour;
    }

    /// For the next call only.
    pub fn behave_once(&self, behaviour: Behaviour) {
        *self.inner.once.lock().expect("no panic") = Some(behaviour);
    }

    /// Connections that were open at the same time.
    pub fn most_connections(&self) -> usize {
        self.inner.most_connections.load(Ordering::SeqCst)
    }

    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let headers = self.inner.headers.lock().expect("no panic");
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }
}

/// Counts connections.
struct Counted {
    listener: TcpListener,
    inner: Arc<Inner>,
}

/// A connection that is counted while it is open.
struct Open {
    stream: TcpStream,
    inner: Arc<Inner>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.inner.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Listener for Counted {
    type Io = Open;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Open, SocketAddr) {
        let (stream, address) = self.listener.accept().await.expect("it listens");
        let open = self.inner.connections.fetch_add(1, Ordering::SeqCst) + 1;
        self.inner.most_connections.fetch_max(open, Ordering::SeqCst);
        (Open { stream, inner: self.inner.clone() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Open {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Open {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

pub fn endpoint(url: &str) -> Endpoint {
    let credential = Secret::new("the credential");
    let timeout = Duration::from_secs(5);
    Endpoint { url: url.into(), credential, timeout, max_answer_bytes: 1_000_000, cache: Duration::ZERO }
}

/// An active source for a company, offering leads.
pub fn source(tenant: i64, url: &str) -> Source {
    let offer = CollectionState {
        is_offered: true,
        orderable_fields: vec!["CREATED_AT".into()],
        ..CollectionState::lacking(Collection::Leads, "")
    };
    Source {
        number: tenant,
        tenant,
        name: format!("Company {tenant}"),
        instance: None,
        mode: "NATIVE".into(),
        state: "ACTIVE".into(),
        lease_expires_at: None,
        endpoint: Some(endpoint(url)),
        collections: HashMap::from([(Collection::Leads, Arc::new(offer))]),
        mappings: HashMap::new(),
        live: Arc::new(Live::new(8)),
    }
}

/// A hub with these sources, for the companies 1, 2, ….
pub fn federation(urls: &[&str]) -> Federation {
    let settings =
        settings::Sources { allow_private_addresses: true, deadline_ms: 300, ..settings::Sources::default() };
    let federation = Federation::new(&settings, Clock::system());
    federation.registry.replace(urls.iter().zip(1..).map(|(url, tenant)| source(tenant, url)).collect());
    federation
}

async fn answer(State(inner): State<Arc<Inner>>, headers: HeaderMap, Json(request): Json<Value>) -> Response {
    inner.calls.fetch_add(1, Ordering::SeqCst);
    *inner.headers.lock().expect("no panic") = headers;
    let once = inner.once.lock().expect("no panic").take();
    let behaviour = once.unwrap_or_else(|| inner.behaviour.lock().expect("no panic").clone());
    let query = request["query"].as_str().expect("a query").to_owned();
    match behaviour {
        Behaviour::Good => by_the_contract(&inner.rows, &query),
        Behaviour::Late(delay) => {
            tokio::time::sleep(delay).await;
            by_the_contract(&inner.rows, &query)
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Say(status, body) => {
            (StatusCode::from_u16(status).expect("a status"), [(header::CONTENT_TYPE, "application/json")], body)
                .into_response()
        }
        Behaviour::Packed(body) => ([(header::CONTENT_ENCODING, "gzip")], body).into_response(),
        Behaviour::Endless => {
            let spaces = Bytes::from(vec![b' '; 64 * 1024]);
            let chunks =
                stream::unfold(spaces, |spaces| async move { Some((Ok::<_, io::Error>(spaces.clone()), spaces)) });
            Body::from_stream(chunks).into_response()
        }
        Behaviour::Large(megabytes) => {
            let megabyte = Bytes::from(vec![b' '; 1_000_000]);
            let chunks = stream::iter((0..megabytes).map(move |_| Ok::<_, io::Error>(megabyte.clone())));
            Body::from_stream(chunks).into_response()
        }
        Behaviour::Bomb(megabytes) => {
            ([(header::CONTENT_ENCODING, "gzip")], Body::from(PACKED.repeat(megabytes / 2))).into_response()
        }
        Behaviour::Drip => {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), ()))
            });
            Body::from_stream(drops).into_response()
        }
        // A handler that panics ends its connection.
        Behaviour::Reset => std::panic::resume_unwind(Box::new("reset")),
        Behaviour::Cut => {
            let half = Ok(Bytes::from_static(br#"{"data":{"leads":{"nodes":["#));
            Body::from_stream(stream::iter([half, Err(io::Error::other("cut"))])).into_response()
        }
        Behaviour::Busy(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Behaviour::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
    }
}

/// Two megabytes of spaces, packed as tightly as gzip can.
static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&[b' '; 2_000_000]).expect("memory");
    packer.finish().expect("memory")
});

/// Understands just the operations that the hub writes.
fn by_the_contract(rows: &[Lead], query: &str) -> Response {
    if query.contains("_service") {
        return Json(json!({ "data": { "_service": { "sdl": SUBSIDIARY } } })).into_response();
    }
    if !query.starts_with("{leads(") {
        return Json(json!({ "errors": [{ "message": "Only leads are here." }] })).into_response();
    }
    let first: usize = between(query, "first:", &[',', ')']).and_then(|text| text.parse().ok()).expect("first");
    let is_descending = query.contains("direction:DESC");
    let by_number = query.contains("field:NUMBER");
    let mut rows = rows.to_vec();
    let place = |row: &Lead| {
        let value = if by_number { i64::from(row.number) } else { i64::from(row.second) };
        (if is_descending { -value } else { value }, i64::from(row.number))
    };
    rows.sort_by_key(place);
    if let Some(after) = between(query, "after:\"", &['"']) {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(after).expect("base64url");
        let (value, number): (String, i64) = serde_json::from_slice(&bytes).expect("one order value and a number");
        let second = chrono::DateTime::parse_from_rfc3339(&value).expect("an instant").timestamp();
        let after = (if is_descending { -second } else { second }, number);
        rows.retain(|row| place(row) > after);
    }
    let has_next = rows.len() > first;
    let mut nodes = String::new();
    for row in rows.iter().take(first) {
        let number = row.number;
        let created = chrono::DateTime::from_timestamp(row.second.into(), 0).expect("in range").to_rfc3339();
        let order = if by_number { number.to_string() } else { format!("\"{created}\"") };
        let separator = if nodes.is_empty() { "" } else { "," };
        write!(
            nodes,
            r#"{separator}{{"_n":{number},"_0":{order},"name":"Lead {number}","id":"{number}","number":{number},"state":"OPEN","createdAt":"{created}"}}"#
        )
        .expect("a String takes all text");
    }
    let body = format!(
        r#"{{"data":{{"leads":{{"nodes":[{nodes}],"pageInfo":{{"hasNextPage":{has_next}}},"totalCount":{}}}}}}}"#,
        rows.len()
    );
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn between<'a>(text: &'a str, start: &str, end: &[char]) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    rest.split(end).next()
}
