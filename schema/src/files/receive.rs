//! A content that comes in chunk by chunk: written to the store and looked at as it passes, so that none of it is held.

use object_store::{MultipartUpload, WriteMultipart};

use super::sniff::{Kind, Sniffer};

/// Bytes that are collected before they are written.
const CHUNK: usize = 64 * 1024;
/// Writes under way at the same time.
const MOST_WRITES: usize = 4;

/// A content on its way in. Dropped before it is finished, it leaves nothing behind that could be read.
pub struct Receiving {
    key: String,
    writer: WriteMultipart,
    sniffer: Sniffer,
    size: u64,
    most: u64,
}

/// A content that is in the store and that no row names yet.
#[derive(Debug)]
pub struct Received {
    pub object_key: String,
    pub size_in_bytes: u64,
    /// What it really is; none if it may not be uploaded.
    pub kind: Option<Kind>,
    /// Whether it begins as documents do.
    pub is_pdf: bool,
}

impl Receiving {
    pub(super) fn new(key: String, upload: Box<dyn MultipartUpload>, most: u64) -> Self {
        let writer = WriteMultipart::new_with_chunk_size(upload, CHUNK);
        Self { key, writer, sniffer: Sniffer::default(), size: 0, most }
    }

    /// Takes the next chunk. What is beyond the largest file is counted and no more.
    ///
    /// # Errors
    /// The store failed.
    pub async fn take(&mut self, chunk: &[u8]) -> Result<(), object_store::Error> {
        self.size += chunk.len() as u64;
        if self.size > self.most {
            return Ok(());
        }
        self.sniffer.take(chunk);
        self.writer.wait_for_capacity(MOST_WRITES).await?;
        self.writer.write(chunk);
        Ok(())
    }

    /// All of it has come.
    ///
    /// # Errors
    /// The store failed.
    pub async fn finish(self) -> Result<Received, object_store::Error> {
        let (kind, is_pdf) = (self.sniffer.kind(), self.sniffer.starts_with(b"%PDF-"));
        self.writer.finish().await?;
        Ok(Received { object_key: self.key, size_in_bytes: self.size, kind, is_pdf })
    }

    /// It broke off.
    pub async fn abort(self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(%error, "a part of a file was left behind");
        }
    }
}
