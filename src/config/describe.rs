//! The JSON schema of the configuration: printed for editors, and the one list of known names and types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Config;

/// The JSON schema of the configuration file, without references.
#[must_use]
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Config>().to_value()
}

/// What a dotted name stands for; none if there is no such name.
pub fn node<'schema>(schema: &'schema Value, name: &str) -> Option<&'schema Value> {
    name.split('.').try_fold(schema, |node, part| node.get("properties")?.get(part))
}

/// The type of a setting: `string`, `integer`, `boolean`, `array` or `object`. Lists of words are strings.
pub fn kind(node: &Value) -> &str {
    match node.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string")
        }
        _ => "string",
    }
}
