//! The server as its callers meet it, without a port: one file a topic.

mod basics;
mod body;
mod documents;
mod limits;
mod multipart;
mod operations;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use groupgraph_schema::hub::Hub;
use serde_json::Value;
use tower::ServiceExt;

use super::{app, serve::Stopping};
use crate::{
    config::{Config, Layers},
    instance,
};

/// An answer, read whole.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

struct Server {
    hub: Hub,
    router: Router,
    stop: tokio::sync::watch::Sender<bool>,
    folder: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Left behind in the folder for temporary files at worst.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    async fn start(flags: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("groupgraph-http-{}", uuid::Uuid::new_v4()));
        let own = [("data_dir", folder.to_str().unwrap()), ("database.url", "sqlite::memory:")];
        let config =
            Config::from_layers(Layers::default().flags(own.into_iter().chain(flags.iter().copied()))).unwrap();
        let hub = instance::open(&config).await.unwrap();
        let (stop, stopping) = Stopping::channel();
        let router = app(hub.clone(), &config, stopping).unwrap();
        Self { hub, router, stop, folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Sends an operation as JSON.
    async fn ask(&self, accept: &str, parameters: Value) -> Answer {
        self.post(JSON, accept, parameters.to_string()).await
    }

    async fn get(&self, path: &str, accept: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, accept).header("graphql-require-preflight", "1");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, media_type: &str, accept: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, media_type).header(header::ACCEPT, accept);
        self.send(request.body(body.into()).unwrap()).await
    }
}

const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";
