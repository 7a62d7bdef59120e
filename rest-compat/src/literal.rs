//! Literals of GraphQL as JSON, members in their order.

use apollo_compiler::ast::Value;

/// The JSON of a literal; variables cannot occur where this is used.
#[must_use]
pub fn json(value: &Value) -> String {
    match value {
        Value::Null | Value::Variable(_) => "null".to_owned(),
        Value::Enum(name) => quoted(name),
        Value::String(text) => quoted(text),
        Value::Float(number) => number.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Boolean(is) => is.to_string(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| json(item)).collect::<Vec<_>>().join(","))
        }
        Value::Object(_) => {
            let members = members(value).into_iter().map(|(name, value)| format!("{}:{value}", quoted(&name)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

/// The members of an object; none of anything else.
#[must_use]
pub fn members(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.to_string(), json(value))).collect(),
        _ => Vec::new(),
    }
}

/// A JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
