//! What a selection picks out of a JSON value: objects within objects and lists, to any depth that the schema has.

use std::fmt::Write;

use async_graphql::parser::types::SelectionSet;
use serde_json::Value;

use super::{
    collect::{Item, collect},
    plan::quoted,
    request::Request,
    write::quote,
};

/// Members of an object: response key with its colon, name, and what is picked of it in turn.
#[derive(Debug, Default)]
pub struct Pick {
    members: Vec<(String, String, Option<Pick>)>,
    /// Name of the type.
    of: String,
}

/// What is picked of values of a type.
#[must_use]
pub fn of(request: &Request<'_>, of: &str, sets: &[&SelectionSet]) -> Pick {
    let Some(object) = request.model().objects.get(of) else { return Pick::default() };
    let members = collect(request, object, sets).into_iter().map(|item| match item {
        Item::Typename { key } => (quoted(key), "__typename".to_owned(), None),
        Item::Field(selected) => {
            let inner = &selected.field.of.name;
            let is_object = request.model().objects.contains_key(inner);
            let pick = is_object.then(|| self::of(request, inner, &selected.sets));
            (quoted(selected.key), selected.field.name.clone(), pick)
        }
    });
    Pick { members: members.collect(), of: of.to_owned() }
}

impl Pick {
    /// Writes what is picked of a value; what is not there is null.
    pub fn write(&self, value: &Value, out: &mut String) {
        match value {
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write(item, out);
                }
                out.push(']');
            }
            Value::Object(object) => {
                out.push('{');
                for (index, (key, name, inner)) in self.members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(key);
                    match (object.get(name), inner) {
                        _ if name == "__typename" => quote(out, &self.of),
                        (None, _) => out.push_str("null"),
                        (Some(value), Some(inner)) => inner.write(value, out),
                        (Some(value), None) => drop(write!(out, "{value}")),
                    }
                }
                out.push('}');
            }
            _ => out.push_str("null"),
        }
    }
}
