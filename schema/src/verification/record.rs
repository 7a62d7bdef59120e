//! A person as a registry answers, and as the schema shows. It must not know which registry.

use serde_json::{Map, Value, json};

use crate::outside::Unavailable;

/// Names of a registry and of the schema.
const NAMES: [(&str, &str); 7] = [
    ("firstname", "givenName"),
    ("middlename", "middleName"),
    ("lastname", "familyName"),
    ("nin", "nationalIdentityNumber"),
    ("phone", "phone"),
    ("address", "address"),
    ("image", PHOTO),
];
const PHOTO: &str = "photo";

/// The person of an answer; what the schema has no name for is kept under `details`.
///
/// # Errors
/// The answer is no person: there is no first name.
pub fn read(answer: Value) -> Result<Value, Unavailable> {
    let Value::Object(mut members) = answer else { return Err(Unavailable) };
    let mut record = Map::new();
    for (theirs, ours) in NAMES {
        let text = match members.remove(theirs) {
            Some(Value::String(text)) if !text.trim().is_empty() => text.trim().into(),
            Some(Value::Number(number)) => number.to_string().into(),
            _ => Value::Null,
        };
        record.insert(ours.to_owned(), text);
    }
    if record["givenName"].is_null() {
        tracing::warn!("a registry answered a person without a first name");
        return Err(Unavailable);
    }
    record.insert("details".to_owned(), if members.is_empty() { Value::Null } else { members.into() });
    Ok(record.into())
}

/// The same without what is never stored.
#[must_use]
pub fn storable(record: &Value) -> Value {
    let mut record = record.clone();
    record[PHOTO] = Value::Null;
    record
}

/// The account name of an answer as the schema shows it.
///
/// # Errors
/// The answer has no name.
pub fn account(answer: &Value) -> Result<Value, Unavailable> {
    let name = answer.get("account_name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    name.map(|name| json!({ "accountName": name, "isFound": true })).ok_or(Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated_and_the_rest_is_kept() {
        let answer =
            json!({ "firstname": " Ada ", "nin": 12_345_678_901_u64, "gender": "f", "image": "x", "phone": "" });
        let record = read(answer).unwrap();
        assert_eq!(record["givenName"], "Ada");
        assert_eq!(record["nationalIdentityNumber"], "12345678901");
        assert_eq!((&record["phone"], &record["middleName"]), (&Value::Null, &Value::Null));
        assert_eq!(record["details"], json!({ "gender": "f" }));
        assert_eq!((&record["photo"], &storable(&record)["photo"]), (&json!("x"), &Value::Null));
    }

    #[test]
    fn nobody_is_no_person() {
        assert_eq!(read(json!({ "lastname": "Obi" })), Err(Unavailable));
        assert_eq!(read(json!([])), Err(Unavailable));
        assert_eq!(account(&json!({ "account_name": " " })), Err(Unavailable));
    }
}
