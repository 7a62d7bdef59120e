//! The messages of the protocol graphql-transport-ws. It must not know when they are sent.

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::http::{answer::Answer, parameters::Parameters};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Received {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong,
    Subscribe { id: String, payload: Parameters },
    Complete { id: String },
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Sent<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a Answer,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl Received {
    /// Reads a message; none if it is not one of the protocol.
    pub fn read(text: &str) -> Option<Self> {
        match serde_json::from_str(text).ok()? {
            Self::Subscribe { id, payload } if id.is_empty() || !payload.names_document() => None,
            message => Some(message),
        }
    }
}

impl Sent<'_> {
    /// As text.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "a message cannot be written as JSON");
            let (Self::Next { id, .. } | Self::Error { id, .. } | Self::Complete { id }) = self else {
                return String::new();
            };
            let errors = crate::http::reply::body("INTERNAL", "The answer cannot be written.");
            serde_json::json!({ "type": "error", "id": id, "payload": errors["errors"] }).to_string()
        })
    }
}
