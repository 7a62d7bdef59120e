//! Rows that an input names by global id or by number.

use async_graphql::Value;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    error::{Code, UserError},
    verb::Call,
};

/// The number that a member of type Reference names; none if it is absent, null or empty.
///
/// # Errors
/// It names the row in another way, or a row of another type or server.
pub(super) fn number(call: &Call<'_>, member: &str, of: &str) -> Result<Option<i64>, UserError> {
    let named: Vec<_> = match call.member(member) {
        Some(Value::Object(members)) => members.iter().filter(|(_, value)| **value != Value::Null).collect(),
        _ => Vec::new(),
    };
    let [(how, value)] = named[..] else {
        return if named.is_empty() { Ok(None) } else { Err(wrong(member)) };
    };
    match (how.as_str(), value) {
        ("number", Value::Number(number)) => number.as_i64().ok_or_else(|| wrong(member)).map(Some),
        ("id", Value::String(id)) => local(call, id, of).ok_or_else(|| wrong(member)).map(Some),
        _ => Err(wrong(member)),
    }
}

fn wrong(member: &str) -> UserError {
    UserError::new(Code::Invalid, member, "Name it by id or by number.")
}

/// The number in a global id of this type and server.
fn local(call: &Call<'_>, id: &str, of: &str) -> Option<i64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let rest = text.strip_prefix(of)?.strip_prefix(':')?;
    let (instance, number) = rest.split_once(':')?;
    (instance == call.hub.instance.to_string()).then(|| number.parse().ok())?
}
