//! Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, with a secret that the receiver knows too.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{hub::Hub, sealing::Broken};

const PREFIX: &str = "whsec_";
/// Before secrets whose bytes are those of the text; no other secret begins so.
const PLAIN: &str = "plain:";
/// What secrets are sealed for.
pub const SECRET_PURPOSE: &str = "webhook secret";
const NEW_BYTES: usize = 32;

/// A new secret.
pub(super) fn make() -> String {
    format!("{PREFIX}{}", BASE64_STANDARD.encode(rand::random::<[u8; NEW_BYTES]>()))
}

/// Whether a text is a secret as the standard wants it: `whsec_` and 24 to 64 bytes in Base64.
pub(super) fn is_valid(text: &str) -> bool {
    key(text).is_some_and(|key| (24..=64).contains(&key.len()))
}

/// The value of `webhook-signature`: one signature for each secret, the newest first.
pub(super) fn sign(secrets: &[String], id: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let signatures = secrets.iter().filter_map(|secret| {
        let keyed = <Hmac<Sha256> as KeyInit>::new_from_slice(&key(secret)?).ok()?;
        let code = keyed.chain_update(content.as_bytes()).finalize().into_bytes();
        Some(format!("v1,{}", BASE64_STANDARD.encode(code)))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

/// A secret as it lies in a row.
pub(super) fn seal(hub: &Hub, secret: &str) -> String {
    hub.sealing.seal(SECRET_PURPOSE, secret.as_bytes())
}

/// A secret out of a row.
///
/// # Errors
/// It was sealed with another secret of the instance.
pub(super) fn open(hub: &Hub, sealed: &str) -> Result<String, Broken> {
    String::from_utf8(hub.sealing.open(SECRET_PURPOSE, sealed)?).map_err(|_| Broken)
}

/// A secret of any text, for receivers that take its bytes as they are.
pub(super) fn plain(text: &str) -> String {
    format!("{PLAIN}{text}")
}

fn key(secret: &str) -> Option<Vec<u8>> {
    if let Some(text) = secret.strip_prefix(PLAIN) {
        return Some(text.as_bytes().to_vec());
    }
    BASE64_STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_met() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let body = r#"{"test": 2432232314}"#;
        let signature = sign(std::slice::from_ref(&secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = sign(&[make(), secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert!(both.starts_with("v1,") && both.ends_with(&format!(" {signature}")), "{both}");
    }

    #[test]
    fn any_text_may_sign() {
        let signature = sign(&[plain("your_webhook_secret")], "id", 1, "{}");
        let expected = <Hmac<Sha256> as KeyInit>::new_from_slice(b"your_webhook_secret").expect("any length");
        let expected = expected.chain_update(b"id.1.{}").finalize().into_bytes();
        assert_eq!(signature, format!("v1,{}", BASE64_STANDARD.encode(expected)));
        assert!(!is_valid(&plain("your_webhook_secret")));
    }

    #[test]
    fn secrets_are_checked() {
        assert!(is_valid(&make()));
        assert_ne!(make(), make());
        for wrong in ["", "whsec_", "secret", "whsec_AAAA", "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }
}
