//! What is put right in answers: order and presence of root fields, number and length of errors.

use async_graphql::{Name, PathSegment, Response, Value, indexmap::IndexMap};

/// Errors in one answer.
const MOST_ERRORS: usize = 20;
/// Letters of an error's message.
const LONGEST_MESSAGE: usize = 500;

/// A response key directly below the root.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: Name,
    /// Whether there is no answer without it.
    pub is_required: bool,
}

/// Adds what was asked of the schema itself: async-graphql answers it, with null in the place of all else.
pub fn complete(response: &mut Response, schema: Value) {
    if let (Value::Object(mut all), Value::Object(own)) = (schema, &mut response.data) {
        all.append(own);
        all.retain(|key, _| !response.errors.iter().any(|error| is_at(error.path.first(), key)));
        *own = all;
    }
}

/// Puts root fields into the order of the operation, and keeps errors short.
pub fn tidy(response: &mut Response, keys: &[Key]) {
    arrange(response, keys);
    response.errors.truncate(MOST_ERRORS);
    for error in &mut response.errors {
        error.message = shortened(std::mem::take(&mut error.message));
    }
}

/// Those that failed are missing.
fn arrange(response: &mut Response, keys: &[Key]) {
    let errors = &response.errors;
    let has_failed = |key: &Key| errors.iter().any(|error| is_at(error.path.first(), &key.name));
    let mut found = match std::mem::take(&mut response.data) {
        Value::Object(found) => found,
        Value::Null if keys.iter().any(has_failed) => IndexMap::new(),
        other => {
            response.data = other;
            return;
        }
    };
    let mut ordered = IndexMap::with_capacity(found.len());
    for key in keys {
        match found.swap_remove_entry(&key.name) {
            Some((name, value)) => {
                ordered.insert(name, value);
            }
            None if !ordered.contains_key(&key.name) && has_failed(key) => {
                if key.is_required {
                    return;
                }
                ordered.insert(key.name.clone(), Value::Null);
            }
            None => {}
        }
    }
    ordered.append(&mut found);
    response.data = Value::Object(ordered);
}

fn is_at(segment: Option<&PathSegment>, key: &str) -> bool {
    matches!(segment, Some(PathSegment::Field(name)) if name == key)
}

/// The text, cut if it is long.
#[must_use]
pub fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_MESSAGE) {
        text.truncate(end);
        text.push('…');
    }
    text
}
