//! Global ids: base64url of `Type:instance:number`. Opaque to clients, the same on every server of the group.

use async_graphql::Value;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use uuid::Uuid;

use crate::hub::Hub;

/// A decoded id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalId {
    pub of: String,
    pub instance: Uuid,
    pub number: i64,
}

/// The id of a row of this instance.
#[must_use]
pub fn encode(of: &str, instance: Uuid, number: i64) -> String {
    BASE64.encode(format!("{of}:{instance}:{number}"))
}

/// Reads an id; none if it is malformed.
#[must_use]
pub fn decode(id: &str) -> Option<GlobalId> {
    let text = String::from_utf8(BASE64.decode(id).ok()?).ok()?;
    let mut parts = text.splitn(3, ':');
    let of = parts.next()?.to_owned();
    let instance = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    Some(GlobalId { of, instance, number })
}

/// The number of a row of this instance and type; none for malformed and foreign ids.
#[must_use]
pub fn number_of(hub: &Hub, of: &str, id: &Value) -> Option<i64> {
    let Value::String(id) = id else { return None };
    let id = decode(id)?;
    (id.of == of && id.instance == hub.instance).then_some(id.number)
}
