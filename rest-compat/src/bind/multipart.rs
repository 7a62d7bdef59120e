//! Forms with files. Whoever reads the body has seen to it that it is not too large.

use std::convert::Infallible;

use async_graphql::UploadValue;
use futures_util::{future, stream};
use multer::Multipart;

use super::Part;
use crate::failure::{Failure, MALFORMED};

/// Parts of one form.
const MOST_PARTS: usize = 100;
/// Bytes of a part that is no file.
const MOST_TEXT: usize = 64 * 1024;

/// Reads the parts of a body. `content_type` holds the boundary.
///
/// # Errors
/// The form is broken.
pub async fn read(content_type: &str, body: multer::bytes::Bytes) -> Result<Vec<(String, Part)>, Failure> {
    let boundary = multer::parse_boundary(content_type)
        .map_err(|_| Failure::new(MALFORMED, "The body must be multipart/form-data."))?;
    let mut form = Multipart::new(stream::once(future::ok::<_, Infallible>(body)), boundary);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|error| malformed(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let media_type = part.content_type().map(ToString::to_string);
        let content = part.bytes().await.map_err(|error| malformed(&error))?;
        if parts.len() >= MOST_PARTS {
            return Err(Failure::new(MALFORMED, "The form has too many parts."));
        }
        parts.push((
            name,
            match file {
                Some(filename) => Part::File(UploadValue { filename, content_type: media_type, content }),
                None if content.len() > MOST_TEXT => {
                    return Err(Failure::new(MALFORMED, "A field of the form is too long."));
                }
                None => Part::Text(String::from_utf8_lossy(&content).into_owned()),
            },
        ));
    }
    Ok(parts)
}

fn malformed(error: &multer::Error) -> Failure {
    Failure::new(MALFORMED, format!("The body is no multipart form: {error}"))
}
