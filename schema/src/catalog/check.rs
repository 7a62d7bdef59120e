//! What can be wrong with resources beyond their form: references that lead nowhere, limits that cannot be kept.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::resource::{Field, Kind, Resource};
use crate::engine::model::snake;

/// Everything that is wrong.
#[must_use]
pub fn problems(resources: &[Resource]) -> Vec<String> {
    let names: HashSet<&str> = resources.iter().map(|resource| resource.name.as_str()).collect();
    let (mut problems, mut roots, mut paths) = (Vec::new(), HashSet::new(), HashSet::new());
    for resource in resources {
        let mut report = |what: String| problems.push(format!("{}: {what}", resource.name));
        for root in [resource.root.clone(), resource.singular()] {
            if !roots.insert(root.clone()) {
                report(format!("the root field {root} is there already"));
            }
        }
        for path in std::iter::once(&resource.path).chain(&resource.also) {
            if !path.starts_with('/') || !paths.insert(path) {
                report(format!("the path {path} is there already, or does not begin with a slash"));
            }
        }
        for name in resource.search.iter().chain(&resource.unique) {
            if !resource.fields.get(name).is_some_and(|field| !field.list && !field.is_shape()) {
                report(format!("{name} is no plain field to search by or to be unique"));
            }
        }
        let columns = resource.table.as_deref().map(columns);
        for (name, field) in &resource.fields {
            match (&field.column, &columns) {
                (Some(_), None) => report(format!("{name} names a column, but the resource has no table")),
                (Some(column), Some(known)) if !known.contains(column) => {
                    report(format!("there is no column {column}"));
                }
                _ => {}
            }
        }
        for (name, referred) in &resource.referred {
            let by = resources.iter().find(|other| other.name == referred.by);
            let field = by.and_then(|by| by.fields.get(&referred.field));
            if field.and_then(|field| field.target.as_ref()) != Some(&resource.name) {
                report(format!("{name}: {}.{} does not refer to it", referred.by, referred.field));
            }
        }
        fields(&names, &resource.fields, "", &mut report);
        orders(resource, &mut report);
    }
    problems
}

fn columns(table: &str) -> HashSet<String> {
    let found = groupgraph_entities::tables().into_iter().find(|found| found.name == table);
    found.into_iter().flat_map(|table| table.columns).map(|column| column.name).collect()
}

fn fields(names: &HashSet<&str>, members: &BTreeMap<String, Field>, path: &str, report: &mut impl FnMut(String)) {
    for (name, field) in members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if let Some(target) = field.target.as_ref().filter(|target| !names.contains(target.as_str())) {
            report(format!("{path} refers to {target}, which is no resource"));
        }
        if field.is_shape() && (field.kind != Kind::Text || field.target.is_some()) {
            report(format!("{path} has members, and therefore neither a type nor a reference"));
        }
        if field.min.zip(field.max).is_some_and(|(min, max)| min > max) {
            report(format!("{path}: min is greater than max"));
        }
        if let Some(Err(error)) = field.pattern.as_ref().map(|pattern| regex::Regex::new(pattern)) {
            report(format!("{path}: {error}"));
        }
        if !is_default_allowed(field) {
            report(format!("{path}: the default is none of the values that are allowed"));
        }
        fields(names, &field.fields, &path, report);
    }
}

fn is_default_allowed(field: &Field) -> bool {
    match &field.default {
        None => true,
        Some(Value::Array(_)) => field.list,
        Some(Value::String(text)) => {
            field.one_of.is_empty() && matches!(field.kind, Kind::Text | Kind::Any | Kind::Date | Kind::Instant)
                || field.one_of.contains(text)
        }
        Some(Value::Number(number)) => {
            let number = number.as_f64().unwrap_or_default();
            let is_within = field.min.is_none_or(|min| number >= min) && field.max.is_none_or(|max| number <= max);
            is_within && matches!(field.kind, Kind::Integer | Kind::Number | Kind::Any)
        }
        Some(Value::Bool(_)) => matches!(field.kind, Kind::Boolean | Kind::Any),
        Some(Value::Object(_)) => field.is_shape() || matches!(field.kind, Kind::Object | Kind::Any),
        Some(Value::Null) => false,
    }
}

/// Two fields whose names differ in their writing only cannot both be ordered by.
fn orders(resource: &Resource, report: &mut impl FnMut(String)) {
    let mut seen = HashSet::new();
    for name in resource.fields.keys() {
        if !seen.insert(snake(name)) {
            report(format!("{name} is there already, written otherwise"));
        }
    }
}
