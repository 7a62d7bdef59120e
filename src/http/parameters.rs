//! The parameters of one operation, from JSON or from a query string. It must not know what they ask for.

use async_graphql::Request;
use groupgraph_schema::gate::{Limit, at_most};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::{extent::Extent, refusal::Refusal};

/// Lists and objects within one another, as far as the reader of JSON goes.
const DEEPEST: usize = 128;

/// What a caller sends, as the GraphQL over HTTP specification names it; `documentId` is that of stored documents.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    pub query: Option<String>,
    pub document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Unread>,
    extensions: Option<Unread>,
}

/// A JSON object that is read once it is known to be small enough.
#[derive(Debug)]
struct Unread {
    text: Box<RawValue>,
    values: usize,
}

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let Extent { values, depth } = Extent::of(text.get());
        if !text.get().starts_with('{') {
            return Err(D::Error::custom("`variables` and `extensions` are objects"));
        }
        if depth > DEEPEST {
            return Err(D::Error::custom("`variables` and `extensions` have at most 128 levels"));
        }
        Ok(Self { text, values })
    }
}

/// Why there are no parameters; the sentence is for the caller.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    /// With a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// What is known of `extensions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    sha256_hash: String,
}

impl Parameters {
    /// Reads a JSON object. Nesting beyond 128 levels is refused.
    ///
    /// # Errors
    /// It is not JSON, no object, or a member has the wrong type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Malformed::new("Send one operation at a time: batches are off."));
        }
        serde_json::from_slice(bytes).map_err(|error| Malformed(format!("The body is no GraphQL request: {error}")))
    }

    /// Reads a query string; `variables` and `extensions` are JSON in it.
    ///
    /// # Errors
    /// A member is not JSON of its type.
    pub fn from_query_string(text: &str) -> Result<Self, Malformed> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "query" => parameters.query = Some(value.into_owned()),
                "documentId" => parameters.document_id = Some(value.into_owned()),
                "operationName" => parameters.operation_name = Some(value.into_owned()).filter(|name| !name.is_empty()),
                "variables" => parameters.variables = object("variables", &value)?,
                "extensions" => parameters.extensions = object("extensions", &value)?,
                _ => {}
            }
        }
        Ok(parameters)
    }

    /// The SHA-256 of a stored document, in hexadecimal, that the automatic persisted queries of Apollo send.
    ///
    /// # Errors
    /// The member has another shape.
    pub fn hash(&self) -> Result<Option<String>, Malformed> {
        let Some(sent) = &self.extensions else { return Ok(None) };
        let extensions: Extensions = serde_json::from_str(sent.text.get())
            .map_err(|error| Malformed(format!("`extensions.persistedQuery` is malformed: {error}")))?;
        Ok(extensions.persisted_query.map(|persisted| persisted.sha256_hash.to_ascii_lowercase()))
    }

    /// Whether a document is sent or named.
    #[must_use]
    pub fn names_document(&self) -> bool {
        self.query.is_some() || self.document_id.is_some() || matches!(self.hash(), Ok(Some(_)))
    }

    /// As a request with this document; its variables may hold `most` values.
    ///
    /// # Errors
    /// They hold more, or something that cannot be read.
    pub fn into_request(self, document: String, most: usize) -> Result<Request, Refusal> {
        let mut request = Request::new(document);
        request.operation_name = self.operation_name;
        if let Some(variables) = self.variables {
            at_most(Limit::TooManyValues, most, variables.values)?;
            request.variables = serde_json::from_str(variables.text.get())
                .map_err(|error| Refusal::bad_request(format!("`variables` is malformed: {error}")))?;
        }
        Ok(request)
    }
}

fn object(name: &str, text: &str) -> Result<Option<Unread>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map_err(|error| Malformed(format!("`{name}` is no JSON object: {error}")))
}
