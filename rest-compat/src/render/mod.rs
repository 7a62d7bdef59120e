//! From the JSON of the schema to the JSON of the system, in one pass over its bytes. It must not know requests.

pub(crate) mod cursor;
mod leaf;
mod write;

use async_graphql::{Response, Value};
use chrono_tz::Tz;
use serde::Deserialize;

use self::write::Writer;
use crate::{
    endpoint::Endpoint,
    failure::{Failure, INTERNAL, NOT_FOUND, WRONG},
    listing::{Listing, Page},
    literal::quoted,
    shape::{Member, Role},
};

/// A failure of a mutation, as the schema tells it.
#[derive(Debug, Deserialize)]
struct Told {
    code: String,
    field: Option<Vec<String>>,
    message: String,
}

/// The body of a success.
///
/// # Errors
/// What the schema says went wrong, with the parameters that it is about.
pub fn body(endpoint: &Endpoint, response: &Response, zone: Tz) -> Result<String, Vec<Failure>> {
    if !response.errors.is_empty() {
        return Err(response.errors.iter().map(failure).collect());
    }
    let nothing = async_graphql::indexmap::IndexMap::new();
    let data = match &response.data {
        Value::Object(data) => data,
        // All root fields were left out.
        Value::Null => &nothing,
        _ => return Err(broken("The answer has no data.")),
    };
    if !endpoint.may_be_null
        && endpoint.shape.iter().any(|member| is_row(member) && data.get(member.key.as_str()).is_some_and(is_null))
    {
        return Err(vec![Failure::new(NOT_FOUND, "Record not found.")]);
    }
    let mut writer = Writer::new(zone, endpoint.omits_nulls);
    open(endpoint, &mut writer);
    for (key, value) in data {
        let Some(member) = endpoint.shape.iter().find(|member| member.key == key.as_str()) else { continue };
        let text = json(value);
        let written = if endpoint.is_bare { writer.value(&member.node, &text) } else { writer.member(member, &text) };
        written.map_err(broken)?;
    }
    if !writer.failures.is_empty() {
        let told = writer.failures.iter().flat_map(|text| serde_json::from_str::<Vec<Told>>(text).unwrap_or_default());
        return Err(told.map(|told| located(endpoint, told)).collect());
    }
    close(endpoint, &mut writer);
    Ok(writer.out)
}

/// The body of a list by convention.
///
/// # Errors
/// What the schema says went wrong.
pub fn listing(listing: &Listing, response: &Response, page: Page, address: &str) -> Result<String, Vec<Failure>> {
    if !response.errors.is_empty() {
        return Err(response.errors.iter().map(failure).collect());
    }
    let Value::Object(data) = &response.data else { return Err(broken("The answer has no data.")) };
    let connection = data.values().next().map(json).ok_or_else(|| broken("The answer has no list."))?;
    listing.envelope.write(&connection, page, address).map_err(broken)
}

/// Whether a root field is one row that there may not be.
fn is_row(member: &Member) -> bool {
    member.node.of.is_nullable && !member.node.of.is_list && member.node.role == Role::Shown
}

/// Null as such, or as the engine wrote it.
fn is_null(value: &Value) -> bool {
    *value == Value::Null || json(value) == "null"
}

fn broken(message: &str) -> Vec<Failure> {
    vec![Failure::new(INTERNAL, message)]
}

fn open(endpoint: &Endpoint, writer: &mut Writer) {
    if endpoint.is_bare {
        return;
    }
    writer.out.push('{');
    for (name, value) in &endpoint.with {
        writer.key(name);
        writer.out.push_str(value);
    }
    if let Some(under) = &endpoint.under {
        writer.key(under);
        writer.out.push('{');
        writer.is_first = true;
    }
}

fn close(endpoint: &Endpoint, writer: &mut Writer) {
    if endpoint.is_bare {
        return;
    }
    writer.out.push_str(if endpoint.under.is_some() { "}}" } else { "}" });
}

/// The JSON of a root field: finished as the engine wrote it, or a plain value.
pub(crate) fn json(value: &Value) -> std::borrow::Cow<'_, str> {
    if let Value::Object(members) = value
        && let Some(Value::String(raw)) = members.get(async_graphql_value::RAW_VALUE_TOKEN)
    {
        return raw.as_str().into();
    }
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned()).into()
}

/// A GraphQL error. One without a code is about the operation, which is not the caller's fault.
fn failure(error: &async_graphql::ServerError) -> Failure {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    match code {
        Some(Value::String(code)) if code != INTERNAL => Failure::new(code, error.message.clone()),
        Some(_) => Failure::new(INTERNAL, "Something went wrong."),
        None if error.path.is_empty() => Failure::new(INTERNAL, "Something went wrong."),
        None => Failure::new(WRONG, error.message.clone()),
    }
}

/// A failure of a payload: the path of its input member leads to a parameter. What a body or a query names and does
/// not exist makes the request wrong; only what the path names is not found.
fn located(endpoint: &Endpoint, told: Told) -> Failure {
    let path = told.field.unwrap_or_default();
    let is_near = |place: &Vec<String>| place.starts_with(&path) || path.starts_with(place);
    let found = endpoint.places.iter().filter(|(place, _)| !path.is_empty() && is_near(place));
    let found =
        found.max_by_key(|(place, _)| place.iter().zip(&path).take_while(|(left, right)| left == right).count());
    let row = found.and_then(|(place, index)| {
        let below = path.get(place.len()..).filter(|below| !below.is_empty())?;
        let below = if below[0].bytes().all(|byte| byte.is_ascii_digit()) { &below[1..] } else { below };
        let rows = endpoint.parameters[*index].rows.as_ref()?;
        rows.iter().find(|(_, path)| path == below).map(|(name, _)| name.clone())
    });
    let parameter = found.map(|(_, index)| &endpoint.parameters[*index]);
    let is_in_path = parameter.is_none_or(|parameter| parameter.place == crate::endpoint::Place::Path);
    let code = if told.code == NOT_FOUND && !is_in_path { "UNKNOWN_VALUE".to_owned() } else { told.code };
    let name = row.or_else(|| parameter.map(|parameter| parameter.name.clone())).or_else(|| path.last().cloned());
    Failure { code, message: told.message, parameter: name }
}

/// A key and its colon.
fn key(name: &str) -> String {
    format!("{}:", quoted(name))
}
