//! Operations with files, by the GraphQL multipart request specification: the parts `operations`, `map`, then files.
//! It must not know what the files are for.

use std::{collections::BTreeMap, convert::Infallible};

use async_graphql::{Request, UploadValue};
use axum::body::Bytes;
use futures_util::{future, stream};
use multer::{Field, Multipart};

use super::parameters::{Malformed, Parameters};

/// Files in one request.
const MAX_FILES: usize = 10;
/// Places of one file in the variables.
const MAX_PLACES: usize = 10;

/// Bytes of the part `map`.
const MAX_MAP: usize = 64 * 1024;

/// Files, each with its places such as `variables.input.file.upload`.
pub type Files = Vec<(UploadValue, Vec<String>)>;

/// Reads a whole body. `content_type` holds the boundary; the operation may have `most` bytes, as without files.
///
/// # Errors
/// The form breaks the specification, or has too many files.
pub async fn read(content_type: &str, body: Bytes, most: usize) -> Result<(Parameters, Files), Malformed> {
    let boundary = multer::parse_boundary(content_type).map_err(|error| malformed(&error))?;
    let mut parts = Multipart::new(stream::once(future::ok::<_, Infallible>(body)), boundary);
    let parameters = Parameters::from_json(&named(&mut parts, "operations", most).await?)?;
    let map = named(&mut parts, "map", MAX_MAP).await?;
    let mut places: BTreeMap<String, Vec<String>> = serde_json::from_slice(&map)
        .map_err(|error| Malformed::new(format!("The part `map` does not name places of files: {error}")))?;
    if places.len() > MAX_FILES || places.values().any(|places| places.len() > MAX_PLACES) {
        return Err(Malformed::new(format!("Send at most {MAX_FILES} files, each for at most {MAX_PLACES} places.")));
    }
    let mut files = Vec::with_capacity(places.len());
    while let Some(part) = parts.next_field().await.map_err(|error| malformed(&error))? {
        let found = part.name().and_then(|name| places.remove(name));
        let places = found.ok_or_else(|| Malformed::new("There is a part that `map` does not name."))?;
        let filename = part.file_name().unwrap_or_default().to_owned();
        let content_type = part.content_type().map(ToString::to_string);
        files.push((UploadValue { filename, content_type, content: content(part).await? }, places));
    }
    match places.keys().next() {
        None => Ok((parameters, files)),
        Some(name) => Err(Malformed::new(format!("The part `{name}` of `map` is missing."))),
    }
}

/// Puts the files into the variables.
///
/// # Errors
/// A place does not exist.
pub fn place(request: &mut Request, files: Files) -> Result<(), Malformed> {
    for (upload, places) in files {
        for place in places {
            let count = request.uploads.len();
            let copy =
                UploadValue { filename: upload.filename.clone(), content_type: None, content: upload.content.clone() };
            request.set_upload(&place, copy);
            if request.uploads.len() == count {
                return Err(Malformed::new(format!("There is no `{place}` for a file.")));
            }
        }
    }
    Ok(())
}

/// The content of the next part, which must have this name and at most so many bytes.
async fn named(parts: &mut Multipart<'static>, name: &str, most: usize) -> Result<Bytes, Malformed> {
    match parts.next_field().await.map_err(|error| malformed(&error))? {
        Some(part) if part.name() == Some(name) => {
            let content = content(part).await?;
            if content.len() > most {
                return Err(Malformed::new(format!("The part `{name}` is longer than {most} bytes.")));
            }
            Ok(content)
        }
        _ => Err(Malformed::new(format!("The part `{name}` is missing, or not in its place."))),
    }
}

async fn content(part: Field<'static>) -> Result<Bytes, Malformed> {
    part.bytes().await.map_err(|error| malformed(&error))
}

fn malformed(error: &multer::Error) -> Malformed {
    Malformed::new(format!("The body is no multipart form: {error}"))
}
