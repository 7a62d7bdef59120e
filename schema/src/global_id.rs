//! Global ids: opaque to callers, unique over all companies of the group.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The id of a row of a GraphQL type.
#[must_use]
pub fn encode(of: &str, instance: Uuid, number: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{of}:{instance}:{number}"))
}
