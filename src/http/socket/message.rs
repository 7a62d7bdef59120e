//! The messages of the protocol graphql-transport-ws. It must not know when they are sent.

use std::borrow::Cow;

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::http::{answer::Answer, extent::Extent, parameters::Parameters};

/// Values in the payload of `connection_init`.
const MOST_INIT_VALUES: usize = 1000;

/// What a client says.
#[derive(Debug)]
pub enum Received {
    ConnectionInit { payload: Map<String, Value> },
    Ping { payload: Option<Box<RawValue>> },
    Pong,
    Subscribe { id: String, payload: Parameters },
    Complete { id: String },
}

/// A message whose payload is read once it is known what for.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Sent<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Box<RawValue>>,
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
        let Envelope { kind, id, payload } = serde_json::from_str(text).ok()?;
        let id = id.filter(|id| !id.is_empty());
        Some(match kind.as_ref() {
            "connection_init" => Self::ConnectionInit { payload: payload.map_or(Some(Map::new()), init)? },
            "ping" if payload.is_some_and(|payload| !payload.get().starts_with('{')) => return None,
            "ping" => Self::Ping { payload: payload.map(ToOwned::to_owned) },
            "pong" => Self::Pong,
            "subscribe" => Self::Subscribe { id: id?, payload: parameters(payload?)? },
            "complete" => Self::Complete { id: id? },
            _ => return None,
        })
    }
}

fn init(payload: &RawValue) -> Option<Map<String, Value>> {
    let is_small = Extent::of(payload.get()).values <= MOST_INIT_VALUES;
    is_small.then(|| serde_json::from_str(payload.get()).ok()).flatten()
}

fn parameters(payload: &RawValue) -> Option<Parameters> {
    Parameters::from_json(payload.get().as_bytes()).ok().filter(Parameters::names_document)
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
