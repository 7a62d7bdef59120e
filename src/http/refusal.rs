//! Why an operation does not run: stable codes, and sentences for people. It must not know how answers travel.

use async_graphql::{ErrorExtensionValues, Response as Outcome, ServerError};

/// An operation that is refused before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    /// The parameters make no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self { code: "BAD_REQUEST", message: message.into() }
    }

    /// The message is part of Apollo's protocol: it makes the client send the text.
    pub fn unknown_document() -> Self {
        Self { code: "PERSISTED_QUERY_NOT_FOUND", message: "PersistedQueryNotFound".into() }
    }

    /// The operator allows stored documents only.
    pub fn not_trusted() -> Self {
        Self { code: "DOCUMENT_NOT_TRUSTED", message: "Only trusted documents may run here.".into() }
    }

    /// A caller holds the most connections already.
    pub fn too_many_connections() -> Self {
        Self { code: "TOO_MANY_CONNECTIONS", message: "You hold too many connections.".into() }
    }

    /// The time limit is over.
    pub fn timed_out() -> Self {
        Self { code: "TIMED_OUT", message: "This took too long.".into() }
    }

    /// Somebody has asked too often; `seconds` until it is worth asking again.
    pub fn too_many(seconds: u64) -> Self {
        Self { code: "RATE_LIMITED", message: format!("Too many requests: wait {seconds} s.") }
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code);
        let mut error = Self::new(refusal.message, None);
        error.extensions = Some(extensions);
        error
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::from_errors(vec![refusal.into()])
    }
}
