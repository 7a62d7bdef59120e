//! Forms with files, read as they come. Whoever gives the body has seen to it that it is not too large; files go where
//! the server wants them, and are never held here.

use std::future::Future;

use async_graphql::UploadValue;
use futures_util::Stream;
use multer::{Field, Multipart, bytes::Bytes};

use super::Part;
use crate::failure::{Failure, MALFORMED};

/// Parts of one form.
const MOST_PARTS: usize = 100;
/// Bytes of a part that is no file.
const MOST_TEXT: usize = 64 * 1024;

/// Where files go.
pub trait Sink: Send {
    /// Takes the content of a file; answers what stands in its place from now on.
    fn take(&mut self, content: Field<'static>) -> impl Future<Output = Result<Bytes, Failure>> + Send;
}

/// Reads the parts of a body. `content_type` holds the boundary; `broken` says what a fault of the body means.
///
/// # Errors
/// The form is broken, or a file could not be taken.
pub async fn read<E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static>(
    content_type: &str,
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    broken: impl Fn(&multer::Error) -> Option<Failure> + Sync,
    sink: &mut impl Sink,
) -> Result<Vec<(String, Part)>, Failure> {
    let boundary = multer::parse_boundary(content_type)
        .map_err(|_| Failure::new(MALFORMED, "The body must be multipart/form-data."))?;
    let malformed = |error: &multer::Error| broken(error).unwrap_or_else(|| malformed(error));
    let mut form = Multipart::new(body, boundary);
    let mut parts = Vec::new();
    while let Some(mut part) = form.next_field().await.map_err(|error| malformed(&error))? {
        if parts.len() >= MOST_PARTS {
            return Err(Failure::new(MALFORMED, "The form has too many parts."));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let content_type = part.content_type().map(ToString::to_string);
        let content = match part.file_name().map(str::to_owned) {
            Some(filename) => Part::File(UploadValue { filename, content_type, content: sink.take(part).await? }),
            None => Part::Text(text(&mut part, &malformed).await?),
        };
        parts.push((name, content));
    }
    Ok(parts)
}

async fn text(
    part: &mut Field<'static>,
    malformed: &(impl Fn(&multer::Error) -> Failure + Sync),
) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| malformed(&error))? {
        if text.len() + chunk.len() > MOST_TEXT {
            return Err(Failure::new(MALFORMED, "A field of the form is too long."));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn malformed(error: &multer::Error) -> Failure {
    Failure::new(MALFORMED, format!("The body is no multipart form: {error}"))
}
