//! Documents that callers name instead of sending: trusted ones of the operator, and those that callers have
//! registered as automatic persisted queries. It must not know what is in them.

use std::{collections::HashMap, fmt::Write, fs, io, path::Path};

use groupgraph_schema::settings::Graphql;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{parameters::Parameters, refusal::Refusal, rest::RestError};

/// Bytes of registered documents that are kept; the least useful ones go first.
const MAX_REGISTERED_BYTES: u64 = 16 * 1024 * 1024;
/// Longest document that can be registered, in bytes.
const MAX_DOCUMENT: usize = 64 * 1024;

/// Why documents cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read graphql.trusted_documents: {0}")]
    Unreadable(#[from] io::Error),
    #[error("graphql.trusted_documents is no manifest of documents: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("graphql.only_trusted needs graphql.trusted_documents")]
    Nothing,
    #[error(transparent)]
    Rest(#[from] RestError),
}

/// All stored documents.
pub struct Documents {
    trusted: HashMap<String, String>,
    registered: Cache<String, String>,
    only_trusted: bool,
}

/// A document that may be measured.
pub struct Found {
    pub text: String,
    /// Whether it is the operator's own.
    pub is_trusted: bool,
}

/// A manifest: of Relay and others, or of Apollo.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Operations { operations: Vec<Stored> },
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Stored {
    id: String,
    body: String,
}

impl Documents {
    /// Reads what the settings name: a folder of `.graphql` files, or a JSON manifest.
    ///
    /// # Errors
    /// It cannot be read, or there is nothing while only trusted documents may run.
    pub fn load(settings: &Graphql) -> Result<Self, LoadError> {
        let trusted = match &settings.trusted_documents {
            Some(path) if path.is_dir() => folder(path)?,
            Some(path) => manifest(&fs::read_to_string(path)?)?,
            None if settings.only_trusted => return Err(LoadError::Nothing),
            None => HashMap::new(),
        };
        let weigher = |hash: &String, text: &String| u32::try_from(hash.len() + text.len()).unwrap_or(u32::MAX);
        let registered = Cache::builder().max_capacity(MAX_REGISTERED_BYTES).weigher(weigher).build();
        Ok(Self { trusted, registered, only_trusted: settings.only_trusted })
    }

    /// The document that the parameters send or name. A sent one that comes with its hash can be named from then on.
    ///
    /// # Errors
    /// It is not known, not allowed, not what the hash says, or there is none.
    pub fn find(&self, parameters: &mut Parameters) -> Result<Found, Refusal> {
        let hash = parameters.hash().map_err(|error| Refusal::bad_request(error.to_string()))?;
        let named = parameters.document_id.take();
        let sent = parameters.query.take().filter(|text| !text.is_empty());
        match (named, hash, sent) {
            (Some(id), _, None) => self.named(id.strip_prefix("sha256:").unwrap_or(&id)),
            (None, Some(hash), None) => self.named(&hash),
            (_, None, Some(text)) => self.sent(text),
            (_, Some(hash), Some(text)) => self.register(&hash, text),
            (None, None, None) => Err(Refusal::bad_request("The member `query` is missing.")),
        }
    }

    fn named(&self, hash: &str) -> Result<Found, Refusal> {
        if let Some(text) = self.trusted.get(hash) {
            return Ok(Found { text: text.clone(), is_trusted: true });
        }
        let text = self.registered.get(hash).ok_or_else(Refusal::unknown_document)?;
        Ok(Found { text, is_trusted: false })
    }

    /// Trusted is what the operator has, however it is asked for.
    fn sent(&self, text: String) -> Result<Found, Refusal> {
        let is_trusted = !self.trusted.is_empty() && self.trusted.contains_key(&sha256(&text));
        if self.only_trusted && !is_trusted {
            return Err(Refusal::new("DOCUMENT_NOT_TRUSTED", "Only trusted documents may run here."));
        }
        Ok(Found { text, is_trusted })
    }

    fn register(&self, hash: &str, text: String) -> Result<Found, Refusal> {
        if sha256(&text) != hash {
            return Err(Refusal::bad_request("The SHA-256 of `query` is not the one sent."));
        }
        let found = self.sent(text)?;
        if !found.is_trusted && found.text.len() <= MAX_DOCUMENT {
            self.registered.insert(hash.to_owned(), found.text.clone());
        }
        Ok(found)
    }
}

fn folder(path: &Path) -> Result<HashMap<String, String>, LoadError> {
    let mut found = HashMap::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(folder(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "graphql") {
            let text = fs::read_to_string(path)?;
            found.insert(sha256(&text), text);
        }
    }
    Ok(found)
}

/// Documents by the ids of the manifest, and by their SHA-256.
fn manifest(text: &str) -> Result<HashMap<String, String>, serde_json::Error> {
    let named: Vec<(String, String)> = match serde_json::from_str(text)? {
        Manifest::Operations { operations } => operations.into_iter().map(|stored| (stored.id, stored.body)).collect(),
        Manifest::Texts(texts) => texts.into_iter().collect(),
    };
    Ok(named.into_iter().flat_map(|(id, text)| [(sha256(&text), text.clone()), (id, text)]).collect())
}

/// In hexadecimal.
fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
