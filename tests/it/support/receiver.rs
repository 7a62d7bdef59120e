//! An endpoint of webhooks that a test programs; keeps what it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// One call.
#[derive(Clone, Debug)]
pub struct Told {
    pub headers: HeaderMap,
    pub body: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body is JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().expect("text")
    }
}

#[derive(Default)]
struct Door {
    told: Mutex<Vec<Told>>,
    status: Mutex<Option<(u16, Option<String>)>>,
}

/// A running endpoint.
pub struct Receiver {
    address: SocketAddr,
    door: Arc<Door>,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let door = Arc::new(Door::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().fallback(hear).with_state(door.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, door, server }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From now on answers with a status, and with a place to go to if there is one.
    pub fn answer(&self, status: u16, location: Option<&str>) {
        *self.door.status.lock().expect("no panic") = Some((status, location.map(str::to_owned)));
    }

    /// What it was told since the last time.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.door.told.lock().expect("no panic"))
    }

    /// The types of what it was told since the last time.
    pub fn types(&self) -> Vec<String> {
        self.take().iter().map(|told| told.json()["type"].as_str().expect("a type").to_owned()).collect()
    }
}

async fn hear(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).expect("text");
    door.told.lock().expect("no panic").push(Told { headers, body });
    let answer = door.status.lock().expect("no panic").clone();
    let (status, location) = answer.unwrap_or((200, None));
    let status = StatusCode::from_u16(status).expect("a status");
    match location {
        Some(location) => (status, [(header::LOCATION, location)]).into_response(),
        None => (status, "thanks").into_response(),
    }
}
