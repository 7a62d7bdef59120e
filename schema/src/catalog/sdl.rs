//! A resource as GraphQL types, with the directives that bind them to rows. It must not know rules.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    Catalog, Conversion,
    resource::{Field, Kind, Operation, Resource, words},
    sdl_inputs,
};
use crate::engine::model::{capitalized, snake};

/// Everything that the schema has of a resource.
pub fn of(catalog: &Catalog, resource: &Resource) -> String {
    let mut out = String::with_capacity(8 * 1024);
    object(&mut out, catalog, resource);
    shapes(&mut out, resource.type_name(), &resource.fields, Some(catalog));
    order(&mut out, resource);
    queries(&mut out, resource);
    sdl_inputs::write(&mut out, catalog, resource);
    out
}

fn object(out: &mut String, catalog: &Catalog, resource: &Resource) {
    let (table, json) = resource.storage();
    let (of, plural, plain) = (resource.type_name(), &resource.plural, resource.plain());
    let kind = if resource.table.is_none() { Some(&resource.name) } else { resource.rows.as_ref() };
    let kind = kind.map_or(String::new(), |kind| format!(", kind: \"{kind}\""));
    let second = if resource.table.is_some() { ", second: \"of the apps\"" } else { "" };
    let read = resource.rights().0;
    let search: Vec<String> = resource.search.iter().map(|name| format!("\"{}\"", searched(resource, name))).collect();
    let _ = write!(
        out,
        r#"
"""One of the {plural}."""
type {of} implements Node @key(fields: "id") @table(name: "{table}"{kind}{second}, plural: "{plural}", search: [{}], read: ["{read}"]) {{
  """Global id; opaque."""
  id: ID!
  """Integer key; unique on the server that holds the row."""
  number: Int!
  """Record id: 24 hexadecimal digits, as the apps know it."""
  recordId: ID! @recordId
  """Company of the group that owns the row."""
  tenant: Tenant!
  """The {plain} as one document, under the names that the apps know."""
  document(
    """References of which the whole record stands in the place of its id."""
    populate: [String!]
  ): JSON! @computed
  """Number of changes."""
  revision: Int!
"#,
        search.join(", ")
    );
    if resource.table.is_none() {
        out.push_str(
            "  \"\"\"When it was created.\"\"\"\n  createdAt: DateTime!\n  \
             \"\"\"When it was last changed.\"\"\"\n  updatedAt: DateTime!\n",
        );
    }
    for (name, field) in resource.fields.iter().filter(|(_, field)| !field.hidden) {
        let _ = writeln!(out, "  \"\"\"{}\"\"\"", field.sentence(name));
        let place = format!("column: \"{json}\", key: \"{name}\"");
        let own = field.column.as_ref().filter(|_| field.target.is_none());
        let _ = match (&field.target, own) {
            (Some(target), _) => {
                let target = catalog.resource(target).map_or("", Resource::type_name);
                let many = if field.list { format!("[{target}!]") } else { target.to_owned() };
                let column = field.column.as_ref().map_or(String::new(), |column| format!(", link: \"{column}\""));
                writeln!(out, "  {name}: {many} @reference({place}{column})")
            }
            (None, Some(column)) => {
                let conversion = Conversion::of(resource, column, field);
                let sql = conversion.expression(column).replace('"', "");
                let binding = match conversion {
                    Conversion::Instant => format!("@column(name: \"{column}\")"),
                    _ => format!("@expression(sql: \"{sql}\")"),
                };
                writeln!(out, "  {name}: {} {binding}", written(of, name, field))
            }
            _ => writeln!(out, "  {name}: {} @body({place})", written(of, name, field)),
        };
    }
    out.push_str("}\n");
}

/// What free text looks into: a column, or a member of the JSON.
fn searched(resource: &Resource, name: &str) -> String {
    let column = resource.fields.get(name).and_then(|field| field.column.clone());
    column.unwrap_or_else(|| format!("{{t}}.{} ->> '{name}'", resource.storage().1))
}

/// The GraphQL type of an output field.
fn written(of: &str, name: &str, field: &Field) -> String {
    let inner = if field.is_shape() { shape_name(of, name) } else { scalar(field).to_owned() };
    if field.list { format!("[{inner}]") } else { inner }
}

/// Type of the shape behind a field.
pub fn shape_name(of: &str, name: &str) -> String {
    let name: String = words(name).split(' ').map(capitalized).collect();
    format!("{of}{name}")
}

/// The GraphQL scalar of a field.
pub fn scalar(field: &Field) -> &'static str {
    if field.target.is_some() {
        return "ID";
    }
    match field.kind {
        Kind::Text | Kind::Time | Kind::Email | Kind::Uri => "String",
        Kind::Date => "Date",
        Kind::Instant => "DateTime",
        Kind::Integer => "Long",
        Kind::Number => "Float",
        Kind::Boolean => "Boolean",
        Kind::Object | Kind::Any => "JSON",
    }
}

/// The types of nested shapes; as inputs without a catalogue, by which references are rows.
pub fn shapes(out: &mut String, of: &str, fields: &BTreeMap<String, Field>, catalog: Option<&Catalog>) {
    let is_input = catalog.is_none();
    for (name, field) in fields.iter().filter(|(_, field)| field.is_shape()) {
        let own = shape_name(of, name);
        let (keyword, suffix) = if is_input { ("input", "Input") } else { ("type", "") };
        let _ = writeln!(out, "\"\"\"{}\"\"\"\n{keyword} {own}{suffix} {{", field.sentence(name));
        for (name, member) in &field.fields {
            let target = member.target.as_ref().zip(catalog).and_then(|(target, catalog)| catalog.resource(target));
            let inner = match target {
                Some(target) => target.type_name().to_owned(),
                None if member.is_shape() => shape_name(&own, name) + suffix,
                None => scalar(member).to_owned(),
            };
            let listed = match (member.list, is_input) {
                (true, true) => format!("[{inner}!]"),
                (true, false) => format!("[{inner}]"),
                _ => inner,
            };
            let must = if is_input && member.required { "!" } else { "" };
            let _ = writeln!(out, "  \"\"\"{}\"\"\"\n  {name}: {listed}{must}", member.sentence(name));
        }
        out.push_str("}\n");
        shapes(out, &own, &field.fields, catalog);
    }
}

/// Whether rows can be ordered and filtered by a field.
pub fn is_plain(field: &Field) -> bool {
    !field.list && !field.is_shape() && !field.hidden && !matches!(field.kind, Kind::Object | Kind::Any)
}

fn order(out: &mut String, resource: &Resource) {
    let of = resource.type_name();
    let _ = writeln!(out, "\"\"\"What {} can be ordered by.\"\"\"\nenum {of}OrderField {{", resource.plural);
    let mut fields = vec!["number"];
    if resource.table.is_none() {
        fields.extend(["createdAt", "updatedAt"]);
    }
    fields.extend(
        resource.fields.iter().filter(|(_, f)| is_plain(f) && f.target.is_none()).map(|(name, _)| name.as_str()),
    );
    for name in fields {
        let _ = writeln!(
            out,
            "  \"\"\"{}.\"\"\"\n  {} @path(field: \"{name}\")",
            words(name),
            snake(name).to_ascii_uppercase()
        );
    }
    out.push_str("}\n");
}

fn queries(out: &mut String, resource: &Resource) {
    let (of, plural, singular) = (resource.type_name(), &resource.plural, resource.singular());
    let read = resource.rights().0;
    let _ = write!(
        out,
        r#"extend type Query {{
  """A page of {plural}."""
  {}(first: Int, after: String, last: Int, before: String, skip: Int, filter: {of}Filter, search: String, orderBy: [{of}Order!]): {of}Connection! @needs(permission: "{read}")
"#,
        resource.root
    );
    if resource.has(Operation::Get) {
        let _ = writeln!(
            out,
            "  \"\"\"One of the {plural}, by its record id.\"\"\"\n  {singular}(\"\"\"24 hexadecimal digits.\"\"\" \
             recordId: ID!): {of} @needs(permission: \"{read}\")"
        );
    }
    out.push_str("}\n");
}
