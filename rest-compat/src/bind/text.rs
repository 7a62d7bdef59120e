//! Names and texts of query strings and forms as a tree: `a=1&a=2`, `a[]=1`, `a[0]=1`, `a[b]=1`.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Entries of one list.
const MOST_ITEMS: usize = 1_000;
/// Brackets behind one name.
const MOST_LEVELS: usize = 5;

/// The tree of all entries; leaves are texts, gaps in lists null.
///
/// # Errors
/// A sentence: too deep, or too many.
pub fn tree<'a>(entries: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Result<Map<String, Value>, String> {
    let mut root = Value::Object(Map::new());
    for (name, text) in entries {
        let mut keys = keys(&name);
        if keys.len() > MOST_LEVELS {
            return Err(format!("{name} has too many brackets."));
        }
        let first = keys.remove(0);
        put(&mut root, first, &keys, text.into_owned()).map_err(|()| format!("{name} has too many values."))?;
    }
    match root {
        Value::Object(root) => Ok(root),
        _ => Ok(Map::new()),
    }
}

/// `a[b][]` as `a`, `b` and the empty text; what is no list of brackets is one name.
fn keys(name: &str) -> Vec<&str> {
    let Some((first, rest)) = name.split_once('[') else { return vec![name] };
    match rest.strip_suffix(']') {
        Some(inner) if !first.is_empty() => std::iter::once(first).chain(inner.split("][")).collect(),
        _ => vec![name],
    }
}

fn put(target: &mut Value, key: &str, rest: &[&str], text: String) -> Result<(), ()> {
    let slot = slot(target, key)?;
    if let [next, rest @ ..] = rest {
        if slot.is_null() {
            let is_list = next.is_empty() || next.bytes().all(|byte| byte.is_ascii_digit());
            *slot = if is_list { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        }
        put(slot, next, rest, text)
    } else {
        match slot {
            Value::Null => *slot = text.into(),
            Value::Array(items) if items.len() < MOST_ITEMS => items.push(text.into()),
            Value::Array(_) => return Err(()),
            other => *other = Value::Array(vec![other.take(), text.into()]),
        }
        Ok(())
    }
}

fn slot<'a>(target: &'a mut Value, key: &str) -> Result<&'a mut Value, ()> {
    match target {
        Value::Array(items) => {
            let index = if key.is_empty() { items.len() } else { key.parse().map_err(|_| ())? };
            if index >= MOST_ITEMS {
                return Err(());
            }
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            Ok(&mut items[index])
        }
        Value::Object(members) => Ok(members.entry(key).or_insert(Value::Null)),
        // A text first, brackets later: the brackets win.
        other => {
            *other = Value::Object(Map::new());
            slot(other, key)
        }
    }
}

/// What stands at a path with dots, through objects and lists.
#[must_use]
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => value.get(part),
    })
}

/// A value as a text, for comparing.
#[must_use]
pub fn of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: &str) -> Value {
        tree(url::form_urlencoded::parse(query.as_bytes())).map_or_else(Value::from, Value::Object)
    }

    #[test]
    fn lists_and_objects_are_written_in_many_ways() {
        assert_eq!(read("a=1&b=x%20y"), json!({ "a": "1", "b": "x y" }));
        assert_eq!(read("a=1&a=2"), json!({ "a": ["1", "2"] }));
        assert_eq!(read("a[]=1&a[]=2"), json!({ "a": ["1", "2"] }));
        assert_eq!(read("a[1]=2"), json!({ "a": [null, "2"] }));
        assert_eq!(read("a[b]=1&a[c]=2"), json!({ "a": { "b": "1", "c": "2" } }));
        assert_eq!(read("a[=1&[b]=2"), json!({ "a[": "1", "[b]": "2" }));
        assert_eq!(read("a[9999999]=1"), json!("a[9999999] has too many values."));
        assert_eq!(read("a[b][c][d][e][f]=1"), json!("a[b][c][d][e][f] has too many brackets."));
    }
}
