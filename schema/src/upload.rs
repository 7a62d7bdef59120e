//! Files that come in with a mutation: taken from the input, stored, and named by a row. It must not know what the
//! file is for.

use std::{collections::HashMap, sync::Mutex};

use async_graphql::{UploadValue, Value};
use base64::{Engine, prelude::BASE64_STANDARD};
use groupgraph_entities::file;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, Set};

use crate::{
    error::{Code, Error},
    files::{Accepted, Files, Received},
    members,
    verb::{Call, Failure, fault},
};

const PDF: &str = "application/pdf";
/// The prefix of the text that stands for a part of a multipart request; its position follows.
const PART: &str = "#__graphql_file__:";

/// Contents of one request that are in the store already, by their keys, which stand in the place of the contents.
/// What nobody takes is removed in the end.
pub struct Arrived {
    files: Files,
    contents: Mutex<HashMap<String, Received>>,
}

impl Arrived {
    /// Contents of one request.
    #[must_use]
    pub fn new(files: Files, contents: Vec<Received>) -> Self {
        let contents = contents.into_iter().map(|content| (content.object_key.clone(), content)).collect();
        Self { files, contents: Mutex::new(contents) }
    }

    fn take(&self, key: &[u8]) -> Option<Received> {
        let key = std::str::from_utf8(key).ok()?;
        self.contents.lock().expect("no panic while files are taken").remove(key)
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        let left = std::mem::take(&mut *self.contents.lock().expect("no panic while files are taken"));
        let (files, Ok(runtime)) = (self.files.clone(), tokio::runtime::Handle::try_current()) else { return };
        if left.is_empty() {
            return;
        }
        runtime.spawn(async move {
            for key in left.keys() {
                remove(&files, key).await;
            }
        });
    }
}

/// A content in the object store that no row names yet.
#[derive(Debug)]
pub struct Stored {
    pub accepted: Accepted,
    pub object_key: String,
    pub size_in_bytes: i32,
}

/// Checks the `FileInput` in a member and stores its content; none if the member is absent or null. Do this before a
/// transaction begins, and `discard` what no committed row names.
///
/// # Errors
/// Faults of the file, naming the member; the object store failed.
pub async fn store(call: &Call<'_>, member: &str) -> Result<Option<Stored>, Failure> {
    match call.member(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => store_value(call, value, member).await.map(Some),
    }
}

/// Stores the document in a member that must be there: a PDF, of at most so many bytes.
///
/// # Errors
/// Faults of the file, naming the member; the object store failed.
pub async fn store_document(call: &Call<'_>, member: &str, max_bytes: u64) -> Result<Stored, Failure> {
    let missing = || fault(Code::Required, member, "Send the document.");
    let value = call.member(member).filter(|value| **value != Value::Null).ok_or_else(missing)?;
    let (name, content) = received(call, value, member)?;
    let no_pdf = || fault(Code::UnsupportedMediaType, member, "The document is a PDF.");
    match content {
        Content::Held(content) => {
            let accepted = Files::accept_within(max_bytes, member, &name, &content)?;
            if accepted.media_type != PDF || !content.starts_with(b"%PDF-") {
                return Err(no_pdf());
            }
            put(call, accepted, content).await
        }
        Content::Stored(received) => {
            let judged = call.hub.files.accept_received(member, &name, &received).map_err(Failure::from);
            let judged = if received.is_pdf { judged } else { judged.and(Err(no_pdf())) };
            keep(call, judged, received).await
        }
    }
}

/// Stores a picture that a coerced `FileInput` holds, with its row, inside a transaction that is running anyway; the
/// pair is its path in the input and its company. Returns the number of the row.
///
/// # Errors
/// Faults of the file, naming the member; the object store or the database failed.
pub async fn store_image(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    value: &Value,
    (path, tenant): (&str, i64),
) -> Result<i64, Failure> {
    let stored = store_value(call, value, path).await?;
    let written = match is_image(&stored, path) {
        Ok(()) => insert(call, transaction, &stored, tenant, None).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    if written.is_err() {
        discard(call, &stored.object_key).await;
    }
    written
}

/// Refuses what is no picture.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE` naming the member.
pub fn is_image(stored: &Stored, member: &str) -> Result<(), Failure> {
    if stored.accepted.media_type.starts_with("image/") {
        return Ok(());
    }
    Err(fault(Code::UnsupportedMediaType, member, "A picture is a png or jpg file."))
}

async fn store_value(call: &Call<'_>, value: &Value, member: &str) -> Result<Stored, Failure> {
    let (name, content) = received(call, value, member)?;
    match content {
        Content::Held(content) => {
            let accepted = call.hub.files.accept(member, &name, &content)?;
            put(call, accepted, content).await
        }
        Content::Stored(received) => {
            let judged = call.hub.files.accept_received(member, &name, &received).map_err(Failure::from);
            keep(call, judged, received).await
        }
    }
}

/// A content that was stored while it came, if it may stay.
async fn keep(call: &Call<'_>, judged: Result<Accepted, Failure>, received: Received) -> Result<Stored, Failure> {
    let Received { object_key, size_in_bytes, .. } = received;
    match judged {
        Ok(accepted) => {
            let size_in_bytes = i32::try_from(size_in_bytes).map_err(Error::internal)?;
            Ok(Stored { accepted, object_key, size_in_bytes })
        }
        Err(failure) => {
            discard(call, &object_key).await;
            Err(failure)
        }
    }
}

async fn put(call: &Call<'_>, accepted: Accepted, content: Vec<u8>) -> Result<Stored, Failure> {
    let size_in_bytes = i32::try_from(content.len()).map_err(Error::internal)?;
    let object_key = call.hub.files.put(content).await.map_err(Error::internal)?;
    Ok(Stored { accepted, object_key, size_in_bytes })
}

/// Writes the row that names a stored content. Returns its number.
///
/// # Errors
/// The database refused it.
pub async fn insert(
    call: &Call<'_>,
    db: &impl ConnectionTrait,
    stored: &Stored,
    tenant: i64,
    lead: Option<i64>,
) -> Result<i64, DbErr> {
    let row = file::ActiveModel {
        tenant_id: Set(tenant),
        object_key: Set(stored.object_key.clone()),
        name: Set(stored.accepted.name.clone()),
        media_type: Set(stored.accepted.media_type.to_owned()),
        size_in_bytes: Set(stored.size_in_bytes),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        lead_id: Set(lead),
        ..Default::default()
    };
    row.insert(db).await.map(|row| row.id)
}

/// Removes a content that no row names any more. A failure only leaves a file behind, so it is logged and no more.
pub async fn discard(call: &Call<'_>, object_key: &str) {
    remove(&call.hub.files, object_key).await;
}

async fn remove(files: &Files, object_key: &str) {
    if let Err(error) = files.delete(object_key).await {
        tracing::warn!(%error, object_key, "a stored file was left behind");
    }
}

/// Where a content is.
enum Content {
    Held(Vec<u8>),
    Stored(Received),
}

/// Name and content of a `FileInput`.
fn received(call: &Call<'_>, value: &Value, member: &str) -> Result<(String, Content), Failure> {
    let text = |name| members::text(value, name);
    let (name, content) = match (text("upload"), text("base64")) {
        (Some(part), None) => {
            let upload = part_of(call, part)
                .ok_or_else(|| fault(Code::Invalid, &format!("{member}.upload"), "This is no part of the request."))?;
            let stored = call.arrived.and_then(|arrived| arrived.take(&upload.content));
            let content = stored.map_or_else(|| Content::Held(upload.content.to_vec()), Content::Stored);
            (upload.filename.as_str(), content)
        }
        (None, Some(encoded)) => {
            let content = BASE64_STANDARD
                .decode(encoded)
                .map_err(|_| fault(Code::Invalid, &format!("{member}.base64"), "This is not strict Base64."))?;
            ("", Content::Held(content))
        }
        (Some(_), Some(_)) => return Err(fault(Code::Invalid, member, "Send the file once: upload or base64.")),
        (None, None) => return Err(fault(Code::Required, member, "Send the file as upload or as base64.")),
    };
    Ok((text("name").unwrap_or(name).to_owned(), content))
}

fn part_of<'a>(call: &Call<'a>, part: &str) -> Option<&'a UploadValue> {
    let position: usize = part.strip_prefix(PART)?.parse().ok()?;
    call.uploads.get(position)
}
