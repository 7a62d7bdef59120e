//! A WebSocket that speaks graphql-transport-ws.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::{Actor, TestApp};

/// Far longer than anything here takes; a test that waits for nothing ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open connection.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    count: usize,
}

impl Socket {
    /// Connects without saying anything.
    pub async fn connect(app: &TestApp) -> Self {
        let address = app.serve().await;
        let mut request = format!("ws://{address}/graphql").into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        let (stream, _) = connect_async(request).await.expect("the server upgrades");
        Self { stream, count: 0 }
    }

    /// Connects as somebody.
    pub async fn open(app: &TestApp, actor: &Actor) -> Self {
        let mut socket = Self::connect(app).await;
        let payload = match &actor.token {
            Some(token) => json!({ "Authorization": format!("Bearer {token}") }),
            None => json!({}),
        };
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    pub async fn send(&mut self, message: Value) {
        self.stream.send(Message::text(message.to_string())).await.expect("the server listens");
    }

    /// The next message that is no ping.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.receive().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).expect("JSON"),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Why the server closed.
    pub async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            match self.receive().await {
                Some(Message::Close(frame)) => return frame,
                None => return None,
                Some(_) => {}
            }
        }
    }

    async fn receive(&mut self) -> Option<Message> {
        let message = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("the server says something");
        message.map(|message| message.expect("a message"))
    }

    /// Starts a subscription; when this returns, the server watches.
    pub async fn subscribe(&mut self, query: &str) {
        self.start(query).await;
        // Operations of one connection take turns: after two answers the subscription has had its own.
        for _ in 0..2 {
            let id = self.start("{ __typename }").await;
            let mut is_complete = false;
            while !is_complete {
                let message = self.next().await;
                assert_eq!(message["id"], json!(id), "{message}");
                is_complete = message["type"] == "complete";
            }
        }
    }

    /// Starts an operation; answers its id.
    pub async fn start(&mut self, query: &str) -> String {
        self.count += 1;
        let id = self.count.to_string();
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
        id
    }

    /// The data of the next event.
    pub async fn event(&mut self) -> Value {
        let message = self.next().await;
        assert_eq!(message["type"], "next", "{message}");
        assert!(message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"].clone()
    }
}
