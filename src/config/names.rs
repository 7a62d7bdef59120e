//! Checks of a whole table against the known names and ranges: all that is wrong is told at once.

use serde_json::Value;
use toml::Table;

use super::{describe, layers::Origin};

/// What is wrong in a layer, one sentence each.
pub fn problems(table: &Table, origin: &Origin, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(table, "", origin, schema, &mut found);
    found
}

fn walk(table: &Table, prefix: &str, origin: &Origin, schema: &Value, found: &mut Vec<String>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let Some(node) = describe::node(schema, &name) else {
            found.push(unknown(&name, origin, schema));
            continue;
        };
        if let toml::Value::Table(inner) = value
            && describe::kind(node) == "object"
        {
            walk(inner, &name, origin, schema, found);
        }
        let minimum = node.get("minimum").and_then(Value::as_i64);
        if let (Some(number), Some(minimum)) = (value.as_integer(), minimum)
            && number < minimum
        {
            found.push(format!("{} must be at least {minimum}", origin.spell(&name)));
        }
    }
}

/// The sentence about an unknown name, with the known one that looks most like it.
pub fn unknown(name: &str, origin: &Origin, schema: &Value) -> String {
    let mut names = Vec::new();
    collect(schema, "", &mut names);
    let nearest = names.iter().max_by(|left, right| likeness(name, left).total_cmp(&likeness(name, right)));
    let hint = match nearest {
        Some(nearest) if likeness(name, nearest) > 0.6 => format!("; did you mean {}?", origin.spell(nearest)),
        _ => "; `groupgraph config schema` prints all names".to_owned(),
    };
    format!("unknown setting {}{hint}", origin.spell(name))
}

/// Like the whole name, or like its last part: somebody may have forgotten the section.
fn likeness(name: &str, known: &str) -> f64 {
    let last = known.rsplit('.').next().unwrap_or(known);
    strsim::normalized_damerau_levenshtein(name, known).max(strsim::normalized_damerau_levenshtein(name, last))
}

fn collect(node: &Value, prefix: &str, names: &mut Vec<String>) {
    let Some(properties) = node.get("properties").and_then(Value::as_object) else { return };
    for (key, inner) in properties {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        collect(inner, &name, names);
        names.push(name);
    }
}
