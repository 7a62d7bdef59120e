//! Payloads as JSON: rows by number are read with what is selected of them; the rest is picked from finished
//! values. `{"__row": 5}` inside a finished value stands for a row of the member's type.

use std::collections::HashMap;

use async_graphql::parser::types::SelectionSet;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::super::{
    MODEL,
    collect::{Item, Selected, begin, collect},
    model::Object,
    request::Request,
    resolve::read_unscoped,
};
use crate::{
    error::{Error, UserError},
    verb::{Failure, Outcome, Part, Payload},
};

/// The payload member that holds the row of a generic mutation.
#[must_use]
pub fn row_member(mutation: &str, of: &str) -> &'static str {
    let field = &MODEL.object("Mutation").fields[mutation];
    let payload = MODEL.object(&field.of.name);
    let member = payload.fields.values().find(|member| member.of.name == of);
    member.map_or("", |member| member.name.as_str())
}

/// The one member of a delete mutation's input.
#[must_use]
pub fn only_member(mutation: &str) -> &'static str {
    let field = &MODEL.object("Mutation").fields[mutation];
    let input = field.arguments.first().and_then(|argument| MODEL.inputs.get(&argument.of.name));
    input.and_then(|members| members.first()).map_or("", |member| member.name.as_str())
}

/// The payload of an outcome.
///
/// # Errors
/// The outcome is a fault, or what is selected cannot be read.
pub async fn write(request: &Request<'_>, selected: &Selected<'_>, outcome: Outcome) -> Result<String, Error> {
    let payload = match outcome {
        Ok(payload) => payload,
        Err(Failure::User(errors)) => Payload::new().failing(errors),
        Err(Failure::Error(error)) => return Err(error),
    };
    let object = request.model().object(&selected.field.of.name);
    let mut out = String::from("{");
    for item in collect(request, object, &selected.sets) {
        let Some(inner) = begin(&mut out, object, item) else { continue };
        if inner.field.name == "errors" {
            let errors = Value::Array(payload.errors.iter().map(plain).collect());
            out.push_str(&value(request, &inner, &errors).await?);
            continue;
        }
        let part = payload.members.iter().find(|(name, _)| *name == inner.field.name).map(|(_, part)| part);
        out.push_str(&member(request, &inner, part).await?);
    }
    out.push('}');
    Ok(out)
}

async fn member(request: &Request<'_>, selected: &Selected<'_>, part: Option<&Part>) -> Result<String, Error> {
    Ok(match part {
        None if selected.field.of.is_list && selected.field.of.is_required => "[]".to_owned(),
        None => "null".to_owned(),
        Some(Part::Plain(json)) => value(request, selected, json).await?,
        Some(Part::Row(number)) => {
            let object = request.model().object(&selected.field.of.name);
            let rows = read_unscoped(request, object, &selected.sets, &[*number], Vec::new()).await?;
            rows.into_iter().next().flatten().unwrap_or_else(|| "null".to_owned())
        }
    })
}

/// An error as a finished value.
#[must_use]
pub fn plain(error: &UserError) -> Value {
    serde_json::json!({
        "code": error.code.name(),
        "field": if error.field.is_empty() { Value::Null } else { error.field.clone().into() },
        "message": error.message,
        "conflictsWith": error.conflicts_with.map(|(of, number)| serde_json::json!({ "__row": number, "__of": of })),
    })
}

/// A finished value, reduced to what is selected.
pub fn value<'a>(
    request: &'a Request<'a>,
    selected: &'a Selected<'a>,
    json: &'a Value,
) -> BoxFuture<'a, Result<String, Error>> {
    Box::pin(async move {
        match json {
            Value::Array(items) if row_of(items.first()).is_some() => {
                let numbers: Vec<i64> = items.iter().filter_map(|item| row_of(Some(item))).collect();
                let object = request.model().object(&selected.field.of.name);
                let rows = read_unscoped(request, object, &selected.sets, &numbers, Vec::new()).await?;
                let rows: Vec<String> = rows.into_iter().flatten().collect();
                Ok(format!("[{}]", rows.join(",")))
            }
            Value::Array(items) => list(request, selected, items).await,
            Value::Object(members) => match row_of(Some(json)) {
                Some(number) => row(request, selected, members, number).await,
                None => object(request, selected, members).await,
            },
            other => Ok(other.to_string()),
        }
    })
}

/// Objects of a list, with the rows that they name read together: a batch has thousands.
async fn list(request: &Request<'_>, selected: &Selected<'_>, items: &[Value]) -> Result<String, Error> {
    let mut out = String::from("[");
    for chunk in items.chunks(ROWS_AT_ONCE) {
        let known = rows_within(request, selected, chunk).await?;
        for (place, item) in chunk.iter().enumerate() {
            if out.len() > 1 {
                out.push(',');
            }
            match (item, request.model().objects.get(&selected.field.of.name)) {
                (Value::Object(members), Some(object)) if row_of(Some(item)).is_none() => {
                    out.push_str(&pick_known(request, object, &selected.sets, (members, &known[place])).await?);
                }
                _ => out.push_str(&value(request, selected, item).await?),
            }
        }
    }
    out.push(']');
    Ok(out)
}

/// Objects of a list whose rows are read at once.
const ROWS_AT_ONCE: usize = 200;

/// For each object of a list the rows that its members name, as JSON by response key.
async fn rows_within(
    request: &Request<'_>,
    selected: &Selected<'_>,
    items: &[Value],
) -> Result<Vec<HashMap<String, String>>, Error> {
    let mut known = vec![HashMap::new(); items.len()];
    let Some(object) = request.model().objects.get(&selected.field.of.name) else { return Ok(known) };
    for item in collect(request, object, &selected.sets) {
        let Item::Field(inner) = item else { continue };
        let Some((of, _)) = request.model().rows(&inner.field.of.name) else { continue };
        let named = |item: &Value| item.get(&inner.field.name).filter(|value| value.get("__of").is_none()).cloned();
        let numbers: Vec<(usize, i64)> =
            items.iter().enumerate().filter_map(|(place, item)| Some((place, row_of(named(item).as_ref())?))).collect();
        let wanted: Vec<i64> = numbers.iter().map(|(_, number)| *number).collect();
        let rows = read_unscoped(request, of, &inner.sets, &wanted, Vec::new()).await?;
        for ((place, _), row) in numbers.into_iter().zip(rows) {
            known[place].insert(inner.key.to_owned(), row.unwrap_or_else(|| "null".to_owned()));
        }
    }
    Ok(known)
}

fn row_of(json: Option<&Value>) -> Option<i64> {
    json?.get("__row")?.as_i64()
}

async fn row(
    request: &Request<'_>,
    selected: &Selected<'_>,
    members: &serde_json::Map<String, Value>,
    number: i64,
) -> Result<String, Error> {
    // A member of an interface type says which type the row has.
    let of = members.get("__of").and_then(Value::as_str).unwrap_or(&selected.field.of.name);
    let (object, table) = request.model().rows(of).ok_or_else(|| Error::internal(format!("{of} has no rows")))?;
    let mut conditions = Vec::new();
    if members.contains_key("__of") {
        // A row that only stands in the way may be one that the viewer does not see.
        conditions = super::super::scope::visible(request, table, super::super::plan::ROOT);
    }
    let rows = read_unscoped(request, object, &selected.sets, &[number], conditions).await?;
    Ok(rows.into_iter().next().flatten().unwrap_or_else(|| "null".to_owned()))
}

async fn object(
    request: &Request<'_>,
    selected: &Selected<'_>,
    members: &serde_json::Map<String, Value>,
) -> Result<String, Error> {
    let Some(object) = request.model().objects.get(&selected.field.of.name) else {
        // A JSON scalar is written as it is.
        return Ok(Value::Object(members.clone()).to_string());
    };
    pick(request, object, &selected.sets, members).await
}

async fn pick(
    request: &Request<'_>,
    object: &'static Object,
    sets: &[&SelectionSet],
    members: &serde_json::Map<String, Value>,
) -> Result<String, Error> {
    pick_known(request, object, sets, (members, &HashMap::new())).await
}

/// The members of an object, some of which have been read.
async fn pick_known(
    request: &Request<'_>,
    object: &'static Object,
    sets: &[&SelectionSet],
    (members, known): (&serde_json::Map<String, Value>, &HashMap<String, String>),
) -> Result<String, Error> {
    let mut out = String::from("{");
    for item in collect(request, object, sets) {
        let Some(inner) = begin(&mut out, object, item) else { continue };
        if let Some(row) = known.get(inner.key) {
            out.push_str(row);
            continue;
        }
        let found = members.get(&inner.field.name).unwrap_or(&Value::Null);
        out.push_str(&value(request, &inner, found).await?);
    }
    out.push('}');
    Ok(out)
}
