//! Keeps small secrets: encrypts them for the database and signs texts that come back from outside.
//! It must not know what it seals.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, KeyInit},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Names the algorithm and layout, so that another one can follow.
const VERSION: &str = "v1.";
const NONCE_BYTES: usize = 12;

/// The one secret of an instance. Every purpose gets a key of its own, so that what was made for one purpose is
/// worth nothing for another.
#[derive(Clone)]
pub struct Sealing {
    root: [u8; 32],
}

/// A sealed text that was altered, cut, made for another purpose or with another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed text does not open")]
pub struct Broken;

impl Sealing {
    /// Derives the keys from a secret of any length; 32 random bytes or more are safe.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self { root: authenticate(secret, b"groupgraph") }
    }

    /// Encrypts with AES-256-GCM. The text is `v1.` and base64url of nonce and cipher text; no two are equal.
    ///
    /// # Panics
    /// The operating system has no randomness, or `plain` is longer than 64 GB.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> String {
        let nonce = Nonce::generate();
        let cipher_text = self.cipher(purpose).encrypt(&nonce, plain).expect("small secrets can be encrypted");
        let sealed = [nonce.as_slice(), &cipher_text].concat();
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Decrypts what `seal` made for the same purpose.
    ///
    /// # Errors
    /// The text is not what `seal` returned.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, Broken> {
        let encoded = sealed.strip_prefix(VERSION).ok_or(Broken)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Broken)?;
        let (nonce, cipher_text) = bytes.split_at_checked(NONCE_BYTES).ok_or(Broken)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| Broken)?;
        self.cipher(purpose).decrypt(&nonce, cipher_text).map_err(|_| Broken)
    }

    /// HMAC-SHA256 of a message, in base64url.
    #[must_use]
    pub fn sign(&self, purpose: &str, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(authenticate(&self.key(purpose), message))
    }

    /// Whether `sign` made the signature for the same purpose; takes the same time wherever they differ.
    #[must_use]
    pub fn is_signed(&self, purpose: &str, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        keyed(&self.key(purpose)).chain_update(message).verify_slice(&signature).is_ok()
    }

    fn key(&self, purpose: &str) -> [u8; 32] {
        authenticate(&self.root, purpose.as_bytes())
    }

    fn cipher(&self, purpose: &str) -> Aes256Gcm {
        Aes256Gcm::new(&self.key(purpose).into())
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn authenticate(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key).chain_update(message).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_again() {
        let sealing = Sealing::new(b"a secret");
        let sealed = sealing.seal("keys", b"private");
        assert!(sealed.starts_with("v1."));
        assert_eq!(sealing.open("keys", &sealed).as_deref(), Ok(&b"private"[..]));
        assert_ne!(sealed, sealing.seal("keys", b"private"));
    }

    #[test]
    fn nothing_else_opens() {
        let sealing = Sealing::new(b"a secret");
        let sealed = sealing.seal("keys", b"private");
        assert_eq!(sealing.open("sources", &sealed), Err(Broken));
        assert_eq!(Sealing::new(b"another").open("keys", &sealed), Err(Broken));
        for text in ["", "v1.", "v1.AAAA", "v2.AAAA", "v1.!", &sealed[..sealed.len() - 2], &format!("{sealed}AA")] {
            assert_eq!(sealing.open("keys", text), Err(Broken), "{text}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_purpose_and_message_only() {
        let sealing = Sealing::new(b"a secret");
        let signature = sealing.sign("files", b"7");
        assert!(sealing.is_signed("files", b"7", &signature));
        assert!(!sealing.is_signed("files", b"8", &signature));
        assert!(!sealing.is_signed("codes", b"7", &signature));
        assert!(!sealing.is_signed("files", b"7", "no base64!"));
        assert!(!sealing.is_signed("files", b"7", ""));
    }
}
