//! Rows whose members have names of their own.

use serde_json::{Map, Value};

use crate::endpoint::{Parameter, REST};

/// A value with its rows renamed; members that have no name are left out, or gathered where the rest goes.
pub fn renamed(parameter: &Parameter, value: &Value) -> Value {
    let Some(rows) = &parameter.rows else { return value.clone() };
    let rename = |row: &Value| match row {
        Value::Object(members) => {
            let mut renamed = Value::Object(Map::new());
            for (name, value) in members {
                if let Some(path) = path(rows, name) {
                    place(&mut renamed, &path, value.clone());
                }
            }
            renamed
        }
        other => other.clone(),
    };
    match value {
        Value::Null => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(rename).collect()),
        row => rename(row),
    }
}

/// Where a member goes.
pub fn path(rows: &[(String, Vec<String>)], name: &str) -> Option<Vec<String>> {
    let own = rows.iter().find(|(known, _)| known == name).filter(|_| name != REST);
    let rest = || {
        let (_, path) = rows.iter().find(|(known, _)| known == REST)?;
        Some(path.iter().cloned().chain([name.to_owned()]).collect())
    };
    own.map(|(_, path)| path.clone()).or_else(rest)
}

fn place(target: &mut Value, path: &[String], value: Value) {
    let Value::Object(members) = target else { return };
    match path {
        [last] => {
            members.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            place(members.entry(first).or_insert_with(|| Value::Object(Map::new())), rest, value);
        }
        [] => {}
    }
}
