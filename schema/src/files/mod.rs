//! Contents of uploaded files, and signed links to them. It must not know the rows that name the files.

pub mod name;
pub mod picture;
mod receive;
pub mod sniff;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key};
use uuid::Uuid;

pub use self::receive::{Received, Receiving};
use crate::{
    error::{Code, UserError},
    sealing::Sealing,
    settings::Files as Settings,
};

const PURPOSE: &str = "file links";

/// The object store; cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    sealing: Sealing,
    max_bytes: u64,
}

/// A file that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Safe base name, its ending that of the content.
    pub name: String,
    /// As sniffed from the content.
    pub media_type: &'static str,
}

/// Why a link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("The link is not valid.")]
    Invalid,
    #[error("The link has expired.")]
    Expired,
}

impl Files {
    /// Opens the store on the local disk; makes its directory.
    ///
    /// # Errors
    /// The directory cannot be made or reached.
    pub fn new(settings: &Settings, sealing: Sealing) -> std::io::Result<Self> {
        std::fs::create_dir_all(&settings.directory)?;
        let store = LocalFileSystem::new_with_prefix(Path::new(&settings.directory)).map_err(std::io::Error::other)?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), sealing, max_bytes: settings.max_bytes })
    }

    /// Checks size, content and name of an upload; `field` is the input member to blame.
    ///
    /// # Errors
    /// Too large, not of an accepted type, or named as another type.
    pub fn accept(&self, field: &str, name: &str, content: &[u8]) -> Result<Accepted, UserError> {
        Self::accept_within(self.max_bytes, field, name, content)
    }

    /// The same with another limit, in bytes.
    ///
    /// # Errors
    /// Too large, not of an accepted type, or named as another type.
    pub fn accept_within(max_bytes: u64, field: &str, name: &str, content: &[u8]) -> Result<Accepted, UserError> {
        Self::judge(max_bytes, (field, name), content.len() as u64, || sniff::sniff(content))
    }

    /// The same of a content that is stored already.
    ///
    /// # Errors
    /// Too large, not of an accepted type, or named as another type.
    pub fn accept_received(&self, field: &str, name: &str, received: &Received) -> Result<Accepted, UserError> {
        Self::judge(self.max_bytes, (field, name), received.size_in_bytes, || received.kind)
    }

    fn judge(
        max_bytes: u64,
        (field, name): (&str, &str),
        size: u64,
        kind: impl FnOnce() -> Option<sniff::Kind>,
    ) -> Result<Accepted, UserError> {
        if size > max_bytes {
            let kilobytes = max_bytes / 1024;
            return Err(UserError::new(Code::TooLarge, field, format!("A file has at most {kilobytes} KB.")));
        }
        let refused = || {
            let message = format!("The content is none of {}, or not what the name says.", sniff::ENDINGS.join(", "));
            UserError::new(Code::UnsupportedMediaType, field, message)
        };
        let kind = kind().ok_or_else(refused)?;
        let name = name::safe(name);
        match name::ending(&name) {
            Some(ending) if kind.endings.contains(&ending.as_str()) => {
                Ok(Accepted { name, media_type: kind.media_type })
            }
            Some(_) => Err(refused()),
            None => Ok(Accepted { name: format!("{name}.{}", kind.endings[0]), media_type: kind.media_type }),
        }
    }

    /// Stores a content under a new random key.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put(&self, content: Vec<u8>) -> Result<String, object_store::Error> {
        let key = new_key();
        self.store.put(&Key::from(key.as_str()), content.into()).await?;
        Ok(key)
    }

    /// Begins to store a content that comes chunk by chunk.
    ///
    /// # Errors
    /// The store failed.
    pub async fn receive(&self) -> Result<Receiving, object_store::Error> {
        let key = new_key();
        let upload = self.store.put_multipart(&Key::from(key.as_str())).await?;
        Ok(Receiving::new(key, upload, self.max_bytes))
    }

    /// The content behind a key.
    ///
    /// # Errors
    /// There is none, or the store failed.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, object_store::Error> {
        Ok(self.store.get(&Key::from(key)).await?.bytes().await?.into())
    }

    /// Removes a content; one that is gone already is no failure.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete(&self, key: &str) -> Result<(), object_store::Error> {
        match self.store.delete(&Key::from(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    /// Path of a signed link to a file: `/files/` and a token of letters, digits, `.`, `-` and `_`.
    #[must_use]
    pub fn link(&self, file: i64, expires_at: DateTime<Utc>) -> String {
        let claim = format!("{file}.{}", expires_at.timestamp());
        let signature = self.sealing.sign(PURPOSE, claim.as_bytes());
        format!("/files/{claim}.{signature}")
    }

    /// Number of the file that the token of a link names.
    ///
    /// # Errors
    /// Nobody here signed it, or its time is over.
    pub fn open(&self, token: &str, now: DateTime<Utc>) -> Result<i64, LinkError> {
        let (claim, signature) = token.rsplit_once('.').ok_or(LinkError::Invalid)?;
        if !self.sealing.is_signed(PURPOSE, claim.as_bytes(), signature) {
            return Err(LinkError::Invalid);
        }
        let (file, expires_at) = claim.split_once('.').ok_or(LinkError::Invalid)?;
        let expires_at: i64 = expires_at.parse().map_err(|_| LinkError::Invalid)?;
        if expires_at <= now.timestamp() {
            return Err(LinkError::Expired);
        }
        file.parse().map_err(|_| LinkError::Invalid)
    }
}

fn new_key() -> String {
    let name = Uuid::new_v4().simple().to_string();
    // Some file systems slow down with many entries in one directory.
    format!("{}/{name}", &name[..2])
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn files() -> Files {
        let directory = std::env::temp_dir().join("groupgraph-files").join(Uuid::new_v4().to_string());
        Files::new(&Settings { directory, ..Settings::default() }, Sealing::new(b"a secret")).unwrap()
    }

    #[tokio::test]
    async fn contents_are_stored_and_deleted() {
        let files = files();
        let key = files.put(b"text".to_vec()).await.unwrap();
        assert_eq!(files.get(&key).await.unwrap(), b"text");
        files.delete(&key).await.unwrap();
        files.delete(&key).await.unwrap();
        assert!(files.get(&key).await.is_err());
        assert!(files.get("../../etc/passwd").await.is_err());
    }

    #[test]
    fn a_link_opens_until_it_expires() {
        let files = files();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let link = files.link(7, now + TimeDelta::minutes(15));
        let token = link.strip_prefix("/files/").unwrap();
        assert_eq!(files.open(token, now), Ok(7));
        assert_eq!(files.open(token, now + TimeDelta::minutes(15)), Err(LinkError::Expired));
        for forged in
            [token.replacen('7', "8", 1), token[..token.len() - 1].to_owned(), String::new(), "7.9999999999.".into()]
        {
            assert_eq!(files.open(&forged, now), Err(LinkError::Invalid), "{forged}");
        }
    }

    #[test]
    fn size_content_and_name_must_fit() {
        let files = files();
        let accept = |name: &str, content: &[u8]| files.accept("file", name, content);
        assert_eq!(
            accept("../notes.TXT", b"text").unwrap(),
            Accepted { name: "notes.TXT".into(), media_type: "text/plain" }
        );
        assert_eq!(accept("notes", b"text").unwrap().name, "notes.txt");
        assert_eq!(accept("notes.png", b"text").unwrap_err().code, Code::UnsupportedMediaType);
        assert_eq!(accept("notes.html", b"text").unwrap_err().code, Code::UnsupportedMediaType);
        assert_eq!(accept("tool.txt", b"MZ\x90\0").unwrap_err().code, Code::UnsupportedMediaType);
        assert_eq!(accept("notes.txt", &vec![b'x'; 2_097_153]).unwrap_err().code, Code::TooLarge);
        assert!(accept("notes.txt", &vec![b'x'; 2_097_152]).is_ok());
    }
}
