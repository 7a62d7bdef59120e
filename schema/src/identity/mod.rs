//! Who is asking: signing in, tokens, keys and passwords. It must not know HTTP, and nothing of what viewers may see
//! beyond their permission words and companies.

mod access_token;
mod accounts;
pub mod admin;
mod attempts;
mod audit;
pub mod authenticate;
mod device;
pub mod keys;
mod launcher;
mod opaque;
mod password;
mod password_code;
mod passwords;
mod recent;
mod refresh_session;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod tests;
mod tokens;

use crate::{error::Error, hub::Hub, verb::Verb};

pub use authenticate::{AuthenticateError, authenticate, rests_on, revocations};
pub use keys::{jwks, rotate};

/// What signing in needs besides the database; cheap to clone.
#[derive(Clone, Default)]
pub struct Identity {
    passwords: passwords::Passwords,
    keys: keys::Keys,
    recent: recent::Recent,
}

impl Identity {
    /// The hash of a password as a PHC string, for rows that are made elsewhere.
    ///
    /// # Errors
    /// The operating system has no randomness or no memory.
    pub async fn hash_password(&self, password: &str) -> Result<String, Error> {
        self.passwords.hash(password).await
    }
}

/// Makes the first signing key if there is none, so that a wrong secret shows at start and not at the first sign-in.
///
/// # Errors
/// The database is out of reach, or the key was sealed with another secret.
pub async fn start(hub: &Hub) -> Result<(), Error> {
    keys::signer(hub).await.map(drop)
}

/// The key that signs now, with its id: also for statements to sources.
///
/// # Errors
/// The database is out of reach, or the key was sealed with another secret.
pub async fn signing_key(hub: &Hub) -> Result<(String, jsonwebtoken::EncodingKey), Error> {
    let signer = keys::signer(hub).await?;
    Ok((signer.kid, signer.key))
}

/// The mutations of this folder, by GraphQL name.
#[must_use]
pub fn verbs() -> &'static [(&'static str, Verb)] {
    &[
        ("signIn", sign_in::sign_in),
        ("refreshSession", refresh_session::refresh_session),
        ("signOut", sign_out::sign_out),
        ("issueLauncherToken", launcher::issue_launcher_token),
        ("redeemLauncherToken", launcher::redeem_launcher_token),
        ("requestPasswordCode", password_code::request_password_code),
        ("verifyPasswordCode", password_code::verify_password_code),
        ("resetPassword", password::reset_password),
        ("changePassword", password::change_password),
        ("createAccessToken", access_token::create_access_token),
        ("revokeAccessToken", access_token::revoke_access_token),
    ]
}
