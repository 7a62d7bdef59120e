//! `node(id)`, `nodes(ids)` and `_entities`: rows by their global ids, whatever their type.

use std::collections::BTreeMap;

use async_graphql::Value;

use super::{
    collect::Selected,
    model::Object,
    request::Request,
    resolve::{local, read},
    scope,
};
use crate::error::Error;

/// Rows that a router may ask for at once.
const MOST_ENTITIES: usize = 1_000;

/// One row, or null.
///
/// # Errors
/// A fault.
pub async fn one(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let id = selected.arguments.get("id").cloned().unwrap_or_default();
    let rows = rows(request, selected, &[id]).await?;
    Ok(rows.into_iter().next().flatten().unwrap_or_else(|| "null".to_owned()))
}

/// Rows in the order of their ids; null where there is none.
///
/// # Errors
/// Too many ids, or a fault.
pub async fn many(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let Some(Value::List(ids)) = selected.arguments.get("ids") else { return Ok("[]".to_owned()) };
    if ids.len() > request.max_page {
        return Err(Error::bad_input(format!("ids are at most {}, not {}.", request.max_page, ids.len())));
    }
    let rows = rows(request, selected, ids).await?;
    let rows: Vec<String> = rows.into_iter().map(|row| row.unwrap_or_else(|| "null".to_owned())).collect();
    Ok(format!("[{}]", rows.join(",")))
}

/// Rows that a router names by type and key, in order; null where there is none.
///
/// # Errors
/// Too many representations, one without the key, or a fault.
pub async fn entities(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let Some(Value::List(given)) = selected.arguments.get("representations") else { return Ok("[]".to_owned()) };
    // A router sends what its own page held: all lists of an operation together.
    if given.len() > MOST_ENTITIES {
        return Err(Error::bad_input(format!("representations are at most {MOST_ENTITIES}, not {}.", given.len())));
    }
    let mut ids = Vec::with_capacity(given.len());
    for (place, representation) in given.iter().enumerate() {
        let Value::Object(members) = representation else { return Err(unnamed(place)) };
        match (members.get("__typename"), members.get("id")) {
            (Some(Value::String(of)), Some(Value::String(id))) => {
                let is_own = local(request, id).is_some_and(|(object, _)| object.name == *of);
                ids.push(if is_own { Value::String(id.clone()) } else { Value::Null });
            }
            _ => return Err(unnamed(place)),
        }
    }
    let rows = rows(request, selected, &ids).await?;
    let rows: Vec<String> = rows.into_iter().map(|row| row.unwrap_or_else(|| "null".to_owned())).collect();
    Ok(format!("[{}]", rows.join(",")))
}

fn unnamed(place: usize) -> Error {
    Error::bad_input(format!("representations.{place} needs __typename and id."))
}

/// A type, and the places and numbers of its rows.
type Places = (&'static Object, Vec<(usize, i64)>);

async fn rows(request: &Request<'_>, selected: &Selected<'_>, ids: &[Value]) -> Result<Vec<Option<String>>, Error> {
    let mut by_type: BTreeMap<&str, Places> = BTreeMap::new();
    for (place, id) in ids.iter().enumerate() {
        let Value::String(id) = id else { continue };
        let Some((object, number)) = local(request, id) else { continue };
        let table = object.table.as_ref().expect("rows have a table");
        if scope::may_read(request.viewer, table) {
            by_type.entry(&object.name).or_insert((object, Vec::new())).1.push((place, number));
        }
    }
    let mut out = vec![None; ids.len()];
    for (object, places) in by_type.into_values() {
        let numbers: Vec<i64> = places.iter().map(|(_, number)| *number).collect();
        let found = read(request, object, selected, &numbers, Vec::new()).await?;
        for ((place, _), row) in places.into_iter().zip(found) {
            out[place] = row;
        }
    }
    Ok(out)
}
