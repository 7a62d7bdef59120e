//! Writes the outcome of an operation as the GraphQL over HTTP specification asks: no `data` where nothing ran, codes
//! on all errors, the id of the request on faults of the server.

use std::fmt::Write;

use async_graphql::{Response as Outcome, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use groupgraph_schema::engine::roots::finished;
use serde::{Serialize, Serializer, de::IgnoredAny, ser::Error};
use serde_json::value::RawValue;

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

    /// As JSON. What is finished already is copied: the engine writes JSON, and the federation checks what it copies.
    ///
    /// # Errors
    /// A value has no form in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut out = String::with_capacity(finished_len(&self.0.data) + 256);
        let mut separator = '{';
        let mut member = |out: &mut String, key: &str| {
            out.push(separator);
            separator = ',';
            let _ = write!(out, "\"{key}\":");
        };
        if !self.0.errors.is_empty() {
            member(&mut out, "errors");
            out.push_str(&serde_json::to_string(&self.0.errors)?);
        }
        if !self.is_refused() {
            member(&mut out, "data");
            write_data(&mut out, &self.0.data)?;
        }
        if !self.0.extensions.is_empty() {
            member(&mut out, "extensions");
            out.push_str(&serde_json::to_string(&self.0.extensions)?);
        }
        out.push('}');
        Ok(out)
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

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self.to_json().and_then(RawValue::from_string).map_err(S::Error::custom)?;
        json.serialize(serializer)
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

/// Root fields are finished JSON or ordinary values.
fn write_data(out: &mut String, data: &Value) -> serde_json::Result<()> {
    let Value::Object(fields) = data else {
        out.push_str(&serde_json::to_string(data)?);
        return Ok(());
    };
    out.push('{');
    for (index, (key, value)) in fields.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(out, "{comma}\"{key}\":");
        match finished(value) {
            Some(json) => {
                debug_assert!(serde_json::from_str::<IgnoredAny>(json).is_ok(), "no JSON: {json}");
                out.push_str(json);
            }
            None => out.push_str(&serde_json::to_string(value)?),
        }
    }
    out.push('}');
    Ok(())
}

fn finished_len(data: &Value) -> usize {
    match data {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| key.len() + 4 + finished(value).map_or(0, str::len)).sum()
        }
        _ => 0,
    }
}
