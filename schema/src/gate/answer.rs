//! What is put right in answers: the order of keys, and the number and length of errors.

use async_graphql::{Name, Response, Value};

/// Errors in one answer.
const MOST_ERRORS: usize = 20;
/// Letters of an error's message.
const LONGEST_MESSAGE: usize = 500;

/// Puts root fields into the order of the operation, and keeps errors short.
pub fn tidy(response: &mut Response, keys: &[Name]) {
    if let Value::Object(data) = &mut response.data
        && data.len() > 1
    {
        // async-graphql has them in the order in which they were finished.
        let mut ordered = async_graphql::indexmap::IndexMap::with_capacity(data.len());
        for key in keys {
            if let Some((key, value)) = data.swap_remove_entry(key) {
                ordered.insert(key, value);
            }
        }
        ordered.append(data);
        *data = ordered;
    }
    response.errors.truncate(MOST_ERRORS);
    for error in &mut response.errors {
        error.message = shortened(std::mem::take(&mut error.message));
    }
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
