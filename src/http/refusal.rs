//! Why an operation does not run: stable codes, and sentences for people. It must not know how answers travel.

use async_graphql::{ErrorExtensionValues, Response as Outcome, ServerError};
use groupgraph_schema::gate;

/// An operation that is refused before it runs.
#[derive(Debug)]
pub struct Refusal {
    error: Box<ServerError>,
    /// Whether it is the request that is refused: told as such to every client, however old.
    pub is_bad_request: bool,
}

impl Refusal {
    /// With a stable code and a sentence.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        let mut error = ServerError::new(message, None);
        error.extensions = Some(extensions);
        Self { error: error.into(), is_bad_request: false }
    }

    /// The parameters make no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self { is_bad_request: true, ..Self::new("BAD_REQUEST", message) }
    }

    /// The message is part of Apollo's protocol: it makes the client send the text.
    pub fn unknown_document() -> Self {
        Self::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    }

    /// The time limit is over.
    pub fn timed_out() -> Self {
        Self::new("TIMED_OUT", "This took too long.")
    }

    /// Somebody has asked too often; `seconds` until it is worth asking again.
    pub fn too_many(seconds: u64) -> Self {
        Self::new("RATE_LIMITED", format!("Too many requests: wait {seconds} s."))
    }
}

impl From<gate::Refusal> for Refusal {
    fn from(refusal: gate::Refusal) -> Self {
        Self { is_bad_request: refusal.is_limit(), error: Box::new(refusal.into()) }
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::from_errors(vec![*refusal.error])
    }
}
