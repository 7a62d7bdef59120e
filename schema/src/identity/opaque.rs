//! Random tokens that mean something only to the database, which holds their hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};

/// What a token is for; the prefix lets people and secret scanners recognise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Device,
    Personal,
    ApiKey,
    Refresh,
    Launcher,
    NewPassword,
}

impl Use {
    pub const ALL: [Self; 6] =
        [Self::Device, Self::Personal, Self::ApiKey, Self::Refresh, Self::Launcher, Self::NewPassword];

    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Device => "ggd_",
            Self::Personal => "ggp_",
            Self::ApiKey => "ggk_",
            Self::Refresh => "ggr_",
            Self::Launcher => "ggl_",
            Self::NewPassword => "ggn_",
        }
    }

    /// What a token was made for; none if it was not made here.
    pub fn of(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| token.starts_with(kind.prefix()))
    }
}

/// A new token: the prefix and 32 random bytes.
pub(super) fn make(kind: Use) -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes))
}

/// What the database keeps. A plain hash is enough, because nobody can guess 32 random bytes.
pub(super) fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_random_and_recognisable() {
        for kind in Use::ALL {
            let token = make(kind);
            assert_eq!(Use::of(&token), Some(kind));
            assert_eq!(token.len(), 47);
            assert_ne!(token, make(kind));
            assert_ne!(hash(&token), token);
        }
        assert_eq!(Use::of("eyJ"), None);
    }
}
