//! The secret of an instance: from the configuration, or made once and kept in the data folder.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use groupgraph_schema::settings::Secret;

use super::Config;

/// Length of the secret in bytes.
const LENGTH: usize = 32;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("cannot use the secret in {}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// What is there is no secret.
    #[error("{0} must be {LENGTH} random bytes in base64, as `openssl rand -base64 {LENGTH}` prints them")]
    Malformed(String),
}

/// Where the secret lies if the configuration holds none.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    config.data_dir.join("secret")
}

/// The secret in force; made and stored if there is none. The data folder must exist.
///
/// # Errors
/// The file is out of reach, or the secret is malformed.
pub fn obtain(config: &Config) -> Result<Secret, SecretError> {
    if let Some(secret) = &config.auth.secret {
        return checked(secret.expose(), "auth.secret");
    }
    let path = path(config);
    let fail = |source| SecretError::File { path: path.clone(), source };
    match create(&path) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            checked(fs::read_to_string(&path).map_err(fail)?.trim(), &path.display().to_string())
        }
        Err(error) => Err(fail(error)),
    }
}

/// A secret from another file.
///
/// # Errors
/// The file is out of reach, or the secret is malformed.
pub fn read(path: &Path) -> Result<Secret, SecretError> {
    let fail = |source| SecretError::File { path: path.to_owned(), source };
    checked(fs::read_to_string(path).map_err(fail)?.trim(), &path.display().to_string())
}

/// Writes a new secret that only the owner can read. Whoever comes second finds it there.
fn create(path: &PathBuf) -> std::io::Result<String> {
    let text = BASE64_STANDARD.encode(rand::random::<[u8; LENGTH]>());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{text}")?;
    Ok(text)
}

fn checked(text: &str, place: &str) -> Result<Secret, SecretError> {
    match BASE64_STANDARD.decode(text) {
        Ok(bytes) if bytes.len() == LENGTH => Ok(Secret::new(text)),
        _ => Err(SecretError::Malformed(place.to_owned())),
    }
}
