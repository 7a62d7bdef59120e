//! Why the server closes a WebSocket: the codes of graphql-transport-ws, and the general ones.

use axum::extract::ws::CloseFrame;

use crate::http::lasting::End;

/// A reason to close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// What came is no message of the protocol.
    Invalid,
    /// Something was asked before the connection was acknowledged.
    Unauthorized,
    /// The token has ended, as the sentence says.
    TokenEnded(String),
    /// The token was not accepted, as the sentence says.
    Forbidden(String),
    InitialisationTimeout,
    /// The id of a running operation was used again.
    SubscriberExists(String),
    InitialisedTwice,
    TooManyConnections,
    TooManyRequests,
    TooLarge,
    RightsChanged,
    Stopping,
    Internal,
}

impl From<End> for Close {
    fn from(end: End) -> Self {
        match end {
            End::Token(message) => Self::TokenEnded(message),
            End::Rights => Self::RightsChanged,
            End::Stopping => Self::Stopping,
        }
    }
}

impl From<Close> for CloseFrame {
    fn from(close: Close) -> Self {
        let (code, reason) = match close {
            Close::Invalid => (4400, "Invalid message received".to_owned()),
            Close::Unauthorized => (4401, "Unauthorized".to_owned()),
            Close::TokenEnded(message) => (4401, message),
            Close::Forbidden(message) => (4403, message),
            Close::InitialisationTimeout => (4408, "Connection initialisation timeout".to_owned()),
            Close::SubscriberExists(id) => (4409, format!("Subscriber for {id} already exists")),
            Close::InitialisedTwice => (4429, "Too many initialisation requests".to_owned()),
            Close::TooManyConnections => (4429, "Too many connections".to_owned()),
            Close::TooManyRequests => (4429, "Too many requests".to_owned()),
            Close::TooLarge => (1009, "Message too large".to_owned()),
            // Clients connect again after this one, with the rights of then.
            Close::RightsChanged => (1012, "The rights have changed".to_owned()),
            Close::Stopping => (1001, "The server is stopping".to_owned()),
            Close::Internal => (4500, "Internal server error".to_owned()),
        };
        // A close frame has room for 123 bytes.
        let reason: String = reason.chars().take(100).filter(char::is_ascii).collect();
        Self { code, reason: reason.into() }
    }
}
