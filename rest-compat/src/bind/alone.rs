//! Rows of a batch, each by itself: what is wrong with the form of one is noted beside it, the others go on. It must
//! not know what the rows mean.

use std::collections::BTreeMap;

use async_graphql::{Name, Value as Graphql, indexmap::IndexMap};
use serde_json::{Map, Value};

use super::{coerce::Coercion, rows};
use crate::{
    endpoint::Parameter,
    failure::{Failure, MISSING, WRONG},
    input::{Kind, Named, Type},
};

/// The rows as they came, and what is known of them before anything is executed.
#[derive(Debug, Default)]
pub struct Aside {
    pub rows: Vec<Value>,
    /// Which rows are executed, in order.
    pub sent: Vec<usize>,
    pub faults: BTreeMap<usize, Vec<Failure>>,
}

/// Name of the fault of a row that is no object.
const WHOLE: &str = "record";

/// The rows that can be executed. Wrong ones are only looked at, so that all their faults are found.
///
/// # Errors
/// The body is no list, or one of a wrong length.
pub fn rows(coercion: &Coercion<'_>, given: Value) -> Result<(Graphql, Aside), Failure> {
    let parameter = coercion.parameter;
    let Value::Array(rows) = given else { return Err(Failure::new(WRONG, "The body must be a JSON array.")) };
    let limits = &parameter.limits;
    if limits.min_length.is_some_and(|min| rows.len() < min) {
        return Err(Failure::new(WRONG, "The body has no rows."));
    }
    if let Some(max) = limits.max_length.filter(|max| rows.len() > *max) {
        return Err(Failure::new(WRONG, format!("The body has more than {max} rows.")));
    }
    let (mut aside, mut sent) = (Aside::default(), Vec::with_capacity(rows.len()));
    for (index, row) in rows.iter().enumerate() {
        let Value::Object(members) = row else {
            let fault = Failure { parameter: Some(WHOLE.into()), ..Failure::new(WRONG, "A row is a JSON object.") };
            aside.faults.insert(index, vec![fault]);
            continue;
        };
        let (row, faults) = one(coercion, members);
        sent.push(row);
        aside.sent.push(index);
        if !faults.is_empty() {
            aside.faults.insert(index, faults);
        }
    }
    aside.rows = rows;
    Ok((Graphql::List(sent), aside))
}

fn one(coercion: &Coercion<'_>, members: &Map<String, Value>) -> (Graphql, Vec<Failure>) {
    let Parameter { rows: Some(names), alone, of, .. } = coercion.parameter else {
        return (Graphql::Object(IndexMap::new()), vec![Failure::new(WRONG, "The rows have no names.")]);
    };
    let (mut row, mut faults) = (Graphql::Object(IndexMap::new()), Vec::new());
    let is_there = |name: &String| members.get(name).is_some_and(|value| !is_blank(value));
    for name in alone.required.iter().filter(|name| !is_there(name)) {
        faults.push(Failure::of(MISSING, name, "is required"));
    }
    let defaults = alone.defaults.iter().filter(|(name, _)| !is_there(name)).map(|(name, value)| (name, value));
    for (name, value) in members.iter().chain(defaults) {
        let Some(path) = rows::path(names, name) else { continue };
        if faults.iter().any(|fault| fault.parameter.as_ref() == Some(name)) {
            continue;
        }
        if let Err(says) = put(coercion, &mut row, (item(of), &path), value) {
            faults.push(Failure::of(WRONG, name, says));
        }
    }
    if let (false, Some(trial), Graphql::Object(members)) = (faults.is_empty(), &alone.trial, &mut row) {
        members.insert(Name::new(trial), Graphql::Boolean(true));
    }
    (row, faults)
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn item(of: &Type) -> &Type {
    match &of.kind {
        Kind::List(item) => item,
        Kind::Named(_) => of,
    }
}

/// Puts a value where its path leads in an object of a type.
fn put(
    coercion: &Coercion<'_>,
    target: &mut Graphql,
    (of, path): (&Type, &[String]),
    value: &Value,
) -> Result<(), &'static str> {
    let (Graphql::Object(target), [first, rest @ ..]) = (target, path) else { return Ok(()) };
    let Some(Named::Input(members)) = coercion.inputs.get(of.name()) else { return Ok(()) };
    let Some(member) = members.iter().find(|member| member.name == *first) else { return Ok(()) };
    let name = Name::new(first);
    if rest.is_empty() {
        target.insert(name, coercion.loose(&member.of, value)?);
        return Ok(());
    }
    if let Kind::List(inner) = &member.of.kind {
        let Value::Array(items) = value else { return Err("must be a list") };
        let mut list = Vec::with_capacity(items.len());
        for value in items {
            let mut object = Graphql::Object(IndexMap::new());
            put(coercion, &mut object, (inner, rest), value)?;
            list.push(object);
        }
        target.insert(name, Graphql::List(list));
        return Ok(());
    }
    // What is wrong leaves nothing behind, so that the other members are judged without it.
    let mut inner = target.get(&name).cloned().unwrap_or_else(|| Graphql::Object(IndexMap::new()));
    put(coercion, &mut inner, (&member.of, rest), value)?;
    target.insert(name, inner);
    Ok(())
}
