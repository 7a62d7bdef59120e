//! Answers that a client gave when it joined, for people to read. It must not know which questions there are.

use serde_json::Value;

/// The answers with labels for keys, at every depth: `team_size` and `teamSize` become `Team size`.
#[must_use]
pub fn labelled(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(answers) => with_labels(answers).to_string(),
        Err(_) => json.to_owned(),
    }
}

fn with_labels(answers: Value) -> Value {
    match answers {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (label(&key), with_labels(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(with_labels).collect(),
        other => other,
    }
}

fn label(key: &str) -> String {
    let mut label = String::with_capacity(key.len() + 4);
    let mut was_lower = false;
    for letter in key.chars() {
        if matches!(letter, '_' | '-' | ' ') {
            label.push(' ');
        } else if letter.is_uppercase() && was_lower {
            label.push(' ');
            label.extend(letter.to_lowercase());
        } else {
            label.push(letter);
        }
        was_lower = letter.is_lowercase();
    }
    let mut letters = label.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::labelled;

    #[test]
    fn keys_become_labels() {
        let answers = json!({ "team_size": 12, "shopSystem": [{ "api_URL": "x" }], "city": "Lagos" });
        let expected = json!({ "Team size": 12, "Shop system": [{ "Api URL": "x" }], "City": "Lagos" });
        assert_eq!(labelled(&answers.to_string()), expected.to_string());
        assert_eq!(labelled("{}"), "{}");
    }
}
