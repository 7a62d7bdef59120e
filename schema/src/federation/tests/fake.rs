//! A subsidiary that a test programs: leads with a keyset, or one of the ways in which servers fail.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

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
}

struct Inner {
    rows: Vec<Lead>,
    behaviour: Mutex<Behaviour>,
    calls: AtomicUsize,
    headers: Mutex<HeaderMap>,
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
        let inner = Arc::new(Inner { rows, behaviour, calls: AtomicUsize::new(0), headers: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/graphql", listener.local_addr().expect("bound"));
        let router = Router::new().route("/graphql", post(answer)).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, inner, server }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.inner.behaviour.lock().expect("no panic") = behaviour;
    }

    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let headers = self.inner.headers.lock().expect("no panic");
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }
}

pub fn endpoint(url: &str) -> Endpoint {
    let credential = Secret::new("the credential");
    Endpoint { url: url.into(), credential, timeout: Duration::from_secs(5), max_answer_bytes: 1_000_000 }
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
        collections: HashMap::from([(Collection::Leads, offer)]),
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
    let behaviour = inner.behaviour.lock().expect("no panic").clone();
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
                stream::unfold(spaces, |spaces| async move { Some((Ok::<_, std::io::Error>(spaces.clone()), spaces)) });
            Body::from_stream(chunks).into_response()
        }
        Behaviour::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
    }
}

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
