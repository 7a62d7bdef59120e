//! JSON schemas of scalars and enums.

use serde_json::{Value, json};

use crate::input::{Inputs, Named};

/// A value as the GraphQL schema writes it.
pub fn schema(inputs: &Inputs, name: &str) -> Value {
    match name {
        "Int" | "Long" => json!({ "type": "integer" }),
        "Float" => json!({ "type": "number" }),
        "Boolean" => json!({ "type": "boolean" }),
        "Date" => json!({ "type": "string", "format": "date" }),
        "DateTime" => json!({ "type": "string", "format": "date-time" }),
        "EmailAddress" => json!({ "type": "string", "format": "email" }),
        "URL" => json!({ "type": "string", "format": "uri" }),
        "UUID" => json!({ "type": "string", "format": "uuid" }),
        "Upload" => json!({ "type": "string", "format": "binary" }),
        "JSON" => json!({}),
        _ => match inputs.get(name) {
            Some(Named::Enum(values)) => json!({ "type": "string", "enum": values }),
            _ => json!({ "type": "string" }),
        },
    }
}

/// Values of a closed list, with the type that they have in common.
pub fn one_of(values: &[Value]) -> Value {
    if values.iter().all(Value::is_string) {
        json!({ "type": "string", "enum": values })
    } else if values.iter().all(Value::is_i64) {
        json!({ "type": "integer", "enum": values })
    } else {
        json!({ "enum": values })
    }
}

/// The same, or null.
pub fn or_null(mut schema: Value) -> Value {
    // It may be null already.
    if schema.get("type").is_some_and(Value::is_array) {
        return schema;
    }
    if let Some(kind) = schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
        schema
    } else if schema.as_object().is_some_and(serde_json::Map::is_empty) {
        schema
    } else {
        json!({ "anyOf": [schema, { "type": "null" }] })
    }
}
