//! Hashing and checking passwords. It must not know whose they are.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::error::{Code, Error, UserError};

const SHORTEST: usize = 8;
/// In bytes; longer ones only cost memory.
const LONGEST: usize = 1024;

/// Stands in for the hash of an account that does not exist, so that asking for one costs the same.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").expect("argon2id with its defaults"));

/// Argon2id with its default costs (19 MiB, two passes), as many at once as there are cores.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        LazyLock::force(&NOBODY);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { permits: Arc::new(Semaphore::new(cores)) }
    }
}

impl Passwords {
    /// The hash as a PHC string.
    ///
    /// # Errors
    /// The operating system has no randomness or no memory.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = password.to_owned();
        self.run(move || hash(&password)).await?.map_err(Error::internal)
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no and takes as long.
    ///
    /// # Errors
    /// The stored hash is malformed.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        let is_known = hash.is_some();
        let hash = hash.map_or_else(|| NOBODY.clone(), str::to_owned);
        let password = if password.len() > LONGEST { String::new() } else { password.to_owned() };
        let matches = self.run(move || verify(&password, &hash)).await?.map_err(Error::internal)?;
        Ok(matches && is_known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _permit = self.permits.acquire().await.map_err(Error::internal)?;
        spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Checks a password that somebody chose, and its repetition if there is one.
///
/// # Errors
/// It is too short or too long, or the two differ.
pub fn check_choice(password: &str, confirmation: Option<&str>) -> Result<(), UserError> {
    if password.chars().count() < SHORTEST {
        return Err(UserError::new(Code::Invalid, "password", "A password has at least eight characters."));
    }
    if password.len() > LONGEST {
        return Err(UserError::new(Code::TooLarge, "password", "A password has at most 1,024 bytes."));
    }
    if confirmation.is_some_and(|confirmation| confirmation != password) {
        return Err(UserError::new(Code::Invalid, "passwordConfirmation", "The two passwords differ."));
    }
    Ok(())
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify(password: &str, hash: &str) -> Result<bool, argon2::password_hash::Error> {
    let hash = PasswordHash::new(hash).map_err(|_| argon2::password_hash::Error::EncodingInvalid)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("wrong horse", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password", None).await.unwrap());
        assert!(passwords.verify("any", Some("no hash")).await.is_err());
    }

    #[test]
    fn a_choice_has_eight_characters_and_is_repeated_alike() {
        assert!(check_choice("ünïcödé!", None).is_ok());
        assert_eq!(check_choice("seven77", None).unwrap_err().code, Code::Invalid);
        assert_eq!(check_choice(&"x".repeat(1025), None).unwrap_err().code, Code::TooLarge);
        assert_eq!(check_choice("12345678", Some("12345679")).unwrap_err().field, ["passwordConfirmation"]);
    }
}
