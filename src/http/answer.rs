//! Writes the outcome of an operation as the GraphQL over HTTP specification asks: no `data` where nothing ran, codes
//! on all errors, the id of the request on faults of the server.

use async_graphql::{Response as Outcome, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{accept::Media, refusal::Refusal, reply};

/// An outcome that is ready to be written as JSON.
pub struct Answer(Outcome);

impl Answer {
    /// Completes the errors.
    pub fn new(mut outcome: Outcome, request_id: &str) -> Self {
        for error in &mut outcome.errors {
            let code = if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" };
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                extensions.set("code", code);
            }
            if extensions.get("code") == Some(&Value::from("INTERNAL")) {
                extensions.set("requestId", request_id);
            }
        }
        Self(outcome)
    }

    /// Of an operation that is refused.
    pub fn refused(refusal: Refusal, request_id: &str) -> Self {
        Self::new(refusal.into(), request_id)
    }

    /// Whether nothing ran: such errors have no path.
    pub fn is_refused(&self) -> bool {
        self.0.data == Value::Null && self.0.is_err() && self.0.errors.iter().all(|error| error.path.is_empty())
    }

    /// The errors alone.
    pub fn errors(&self) -> &[ServerError] {
        &self.0.errors
    }

    /// As JSON.
    ///
    /// # Errors
    /// A finished part of the answer is no JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// As an answer over HTTP.
    pub fn into_response(self, media: Media) -> Response {
        let status = self.status(media);
        self.into_response_with(status, media)
    }

    /// The same with a status of one's own.
    pub fn into_response_with(self, status: StatusCode, media: Media) -> Response {
        match self.to_json() {
            Ok(json) => response(status, media, json),
            Err(error) => {
                tracing::error!(%error, "the answer cannot be written as JSON");
                reply::internal("The answer cannot be written.")
            }
        }
    }

    /// For plain JSON it is 200, because clients of old take all else for no GraphQL answer.
    fn status(&self, media: Media) -> StatusCode {
        if media == Media::GraphqlResponse && self.is_refused() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}

/// JSON that is ready, over HTTP.
pub fn response(status: StatusCode, media: Media, json: String) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        if !self.0.errors.is_empty() {
            members.serialize_entry("errors", &self.0.errors)?;
        }
        if !self.is_refused() {
            members.serialize_entry("data", &self.0.data)?;
        }
        if !self.0.extensions.is_empty() {
            members.serialize_entry("extensions", &self.0.extensions)?;
        }
        members.end()
    }
}
