//! Files of a form on their way into the store: written as they come. It must not know what they are for.

use groupgraph_rest_compat::{bind::multipart::Sink, failure::Failure};
use groupgraph_schema::files::{Files, Received};
use multer::{Field, bytes::Bytes};

use super::body::broken;

/// Takes the files of one request.
pub struct Uploads {
    files: Files,
    received: Vec<Received>,
}

impl Uploads {
    pub fn new(files: Files) -> Self {
        Self { files, received: Vec::new() }
    }

    /// What has come.
    pub fn into_received(self) -> Vec<Received> {
        self.received
    }
}

impl Sink for Uploads {
    async fn take(&mut self, mut content: Field<'static>) -> Result<Bytes, Failure> {
        let mut receiving = self.files.receive().await.map_err(|error| failed(&error))?;
        loop {
            let taken = match content.chunk().await {
                Ok(Some(chunk)) => receiving.take(&chunk).await.map_err(|error| failed(&error)),
                Ok(None) => break,
                Err(error) => {
                    Err(broken(&error).unwrap_or_else(|| Failure::new("MALFORMED_BODY", "The form is broken.")))
                }
            };
            if let Err(failure) = taken {
                receiving.abort().await;
                return Err(failure);
            }
        }
        let received = receiving.finish().await.map_err(|error| failed(&error))?;
        let key = Bytes::from(received.object_key.clone());
        self.received.push(received);
        Ok(key)
    }
}

fn failed(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "a file cannot be stored");
    Failure::new("INTERNAL", "Something went wrong.")
}
