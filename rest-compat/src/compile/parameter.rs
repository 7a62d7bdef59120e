//! A variable and its `@param` as a parameter. It must not know the operation around it.

use std::collections::HashMap;

use apollo_compiler::ast::{Value, VariableDefinition};
use regex::Regex;

use crate::{
    directive::Arguments,
    endpoint::{Alone, Limits, Parameter, Place},
    input::Type,
    literal,
    system::Settings,
};

/// The parameter.
///
/// # Errors
/// What is wrong with its `@param`.
pub fn parameter(
    variable: &VariableDefinition,
    (in_path, has_body): (&[String], bool),
    settings: &Settings,
) -> Result<Parameter, String> {
    let directive = variable.directives.get("param");
    let given = directive.map(|directive| Arguments(directive));
    let text = |name: &str| given.as_ref().and_then(|given| given.text(name));
    let name = text("name").unwrap_or_else(|| variable.name.to_string());
    let place = match text("in").as_deref() {
        Some("PATH") => Place::Path,
        Some("QUERY") => Place::Query,
        Some("HEADER") => Place::Header,
        Some("BODY") => Place::Body,
        Some("WHOLE_BODY") => Place::WholeBody,
        _ if in_path.contains(&name) => Place::Path,
        _ if has_body => Place::Body,
        _ => Place::Query,
    };
    let rows = given.as_ref().and_then(|given| given.value("rows")).map(|value| rows(value, settings)).transpose()?;
    let when = text("when").map(|when| member_is(&when)).transpose()?;
    let instead = given.as_ref().and_then(|given| given.value("instead")).map(|value| instead(value)).transpose()?;
    let texts = |name: &str| given.as_ref().map(|given| given.texts(name)).unwrap_or_default();
    let defaults = given.as_ref().and_then(|given| given.value("defaults")).map(|value| literal::members(value));
    let parsed = |(name, json): (String, String)| Some((name, serde_json::from_str(&json).ok()?));
    let alone = Alone {
        required: texts("required"),
        defaults: defaults.into_iter().flatten().filter_map(parsed).collect(),
        trial: text("trial"),
    };
    let default = variable.default_value.as_ref().map(|value| literal::json(value));
    Ok(Parameter {
        variable: variable.name.to_string(),
        place,
        of: Type::of(&variable.ty),
        has_default: default.is_some(),
        default: default.and_then(|json| serde_json::from_str(&json).ok()),
        is_comma_separated: text("style").is_some(),
        choices: text("choices"),
        when,
        must_be_there: given.as_ref().is_some_and(|given| given.is("isRequired")),
        not_after: text("notAfter"),
        instead,
        rows,
        alone,
        keyed_by: text("keyedBy"),
        unless: texts("unless"),
        limits: limits(given.as_ref())?,
        name,
    })
}

/// `member=value`.
fn member_is(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.ok_or_else(|| "`when` is written member=value.".to_owned())
}

fn instead(value: &Value) -> Result<((String, String), serde_json::Value), String> {
    let members: HashMap<String, String> = literal::members(value).into_iter().collect();
    let member = |name: &str| members.get(name).and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
    match (member("when"), member("value")) {
        (Some(serde_json::Value::String(when)), Some(value)) => Ok((member_is(&when)?, value)),
        _ => Err("`instead` takes `when` and `value`.".to_owned()),
    }
}

/// Written out, or the name of a table of the system.
fn rows(value: &Value, settings: &Settings) -> Result<Vec<(String, Vec<String>)>, String> {
    let members = match value {
        Value::String(table) => {
            let found = settings.rows.get(table).ok_or_else(|| format!("system.toml has no table rows.{table}."))?;
            found.clone()
        }
        value => literal::members(value),
    };
    let path = |path: String| path.trim_matches('"').split('.').map(str::to_owned).collect();
    Ok(members.into_iter().map(|(name, text)| (name, path(text))).collect())
}

fn limits(given: Option<&Arguments<'_>>) -> Result<Limits, String> {
    let Some(given) = given else { return Ok(Limits::default()) };
    let pattern = given.text("pattern").map(|pattern| Regex::new(&pattern)).transpose();
    Ok(Limits {
        min: given.number("min"),
        max: given.number("max"),
        min_length: given.count("minLength"),
        max_length: given.count("maxLength"),
        pattern: pattern.map_err(|error| format!("`pattern`: {error}"))?,
    })
}
