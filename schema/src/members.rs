//! Members of coerced input objects, by name. It must not know any noun.

use async_graphql::Value;
use chrono::NaiveDate;
use sea_orm::{ActiveValue, Set};

use crate::{
    error::Code,
    verb::{Failure, fault},
};

/// A member: none if absent, `Some(Value::Null)` if null.
#[must_use]
pub fn given<'a>(input: &'a Value, name: &str) -> Option<&'a Value> {
    match input {
        Value::Object(members) => members.get(name),
        _ => None,
    }
}

/// A member that is neither absent nor null.
#[must_use]
pub fn present<'a>(input: &'a Value, name: &str) -> Option<&'a Value> {
    given(input, name).filter(|value| **value != Value::Null)
}

/// Text, or the word of an enum value.
#[must_use]
pub fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    match given(input, name) {
        Some(Value::String(text)) => Some(text),
        Some(Value::Enum(word)) => Some(word.as_str()),
        _ => None,
    }
}

/// Text without spaces around it; none if nothing is left.
#[must_use]
pub fn words<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    text(input, name).map(str::trim).filter(|text| !text.is_empty())
}

/// A whole number.
#[must_use]
pub fn integer(input: &Value, name: &str) -> Option<i64> {
    match given(input, name) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    }
}

/// A truth value.
#[must_use]
pub fn flag(input: &Value, name: &str) -> Option<bool> {
    match given(input, name) {
        Some(Value::Boolean(is)) => Some(*is),
        _ => None,
    }
}

/// The items of a list; none if it is absent or null.
#[must_use]
pub fn list<'a>(input: &'a Value, name: &str) -> Option<&'a [Value]> {
    match given(input, name) {
        Some(Value::List(items)) => Some(items),
        _ => None,
    }
}

/// A day; `path` says where the member is in the whole input.
///
/// # Errors
/// `INVALID_DATE` if it is not written as YYYY-MM-DD.
pub fn day(input: &Value, name: &str, path: &str) -> Result<Option<NaiveDate>, Failure> {
    text(input, name)
        .map(|text| {
            text.parse().map_err(|_| fault(Code::InvalidDate, path, "Write the day as YYYY-MM-DD, such as 2026-05-19."))
        })
        .transpose()
}

/// A column to set to the text of a member, to null if the member is null, and to leave alone if it is absent.
#[must_use]
pub fn text_column(input: &Value, name: &str) -> ActiveValue<Option<String>> {
    column(input, name, text(input, name).map(str::to_owned))
}

/// The same for a day.
///
/// # Errors
/// `INVALID_DATE`.
pub fn day_column(input: &Value, name: &str) -> Result<ActiveValue<Option<NaiveDate>>, Failure> {
    Ok(column(input, name, day(input, name, name)?))
}

/// The column of a member, left alone if the member is absent.
pub fn column<T: Into<sea_orm::Value>>(input: &Value, name: &str, value: T) -> ActiveValue<T> {
    if given(input, name).is_some() { Set(value) } else { ActiveValue::NotSet }
}

/// A member as JSON; none if absent or null, or if it holds an upload.
#[must_use]
pub fn json(input: &Value, name: &str) -> Option<serde_json::Value> {
    present(input, name).and_then(|value| value.clone().into_json().ok())
}
