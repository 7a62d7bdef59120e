//! The input types, filters, payloads and mutations of a resource. It must not know rules.

use std::fmt::Write;

use super::{
    Catalog,
    resource::{Access, Family, Field, Kind, Namespace, Operation, Referred, Resource, words},
    sdl::{is_plain, scalar, shape_name, shapes},
};
use crate::engine::{model::capitalized, record_id};

/// Writes them.
pub fn write(out: &mut String, catalog: &Catalog, resource: &Resource) {
    filter(out, catalog, resource);
    let is_written = |operation| resource.has(operation);
    if is_written(Operation::Create) || is_written(Operation::Update) {
        let writable = resource.fields.iter().filter(|(_, field)| field.on != Access::Server);
        let writable = writable.map(|(name, field)| (name.clone(), field.clone())).collect();
        shapes(out, resource.type_name(), &writable, None);
    }
    if is_written(Operation::Create) {
        changing(out, resource, "Create");
    }
    if is_written(Operation::Update) {
        changing(out, resource, "Update");
    }
    if is_written(Operation::Remove) {
        removing(out, resource);
    }
}

fn filter(out: &mut String, catalog: &Catalog, resource: &Resource) {
    let of = resource.type_name();
    let _ = write!(
        out,
        r#""""Conditions on {}; all given ones hold together."""
input {of}Filter {{
  """All of these."""
  and: [{of}Filter!]
  """At least one of these."""
  or: [{of}Filter!]
  """Not this."""
  not: {of}Filter
  """Record id."""
  recordId: RecordIdFilter
  """Namespace of the company."""
  company_namespace: String @where(sql: "(SELECT owner.namespace FROM tenant owner WHERE owner.id = {{t}}.tenant_id) = {{value}}")
"#,
        resource.plural
    );
    if resource.table.is_none() {
        out.push_str(
            "  \"\"\"When it was created.\"\"\"\n  createdAt: DateTimeFilter\n  \"\"\"When it was last changed.\"\"\"\n  \
             updatedAt: DateTimeFilter\n",
        );
    }
    for (name, field) in &resource.fields {
        if let Some(kind) = condition(field) {
            let _ = writeln!(out, "  \"\"\"{}\"\"\"\n  {name}: {kind}", field.sentence(name));
        }
        for (member, inner) in field.fields.iter().filter(|(_, inner)| inner.filter) {
            let json = resource.storage().1;
            let (kind, sql) = condition_on(inner.kind, &format!("{{t}}.{json} -> '{name}' ->> '{member}'"));
            let _ = writeln!(
                out,
                "  \"\"\"{}\"\"\"\n  {name}_{member}: {kind} @where(sql: \"{sql}\")",
                inner.sentence(member)
            );
        }
    }
    for (name, referred) in resource.referred.iter().filter(|(_, referred)| referred.shown.is_none()) {
        let (kind, sql) = referring(catalog, resource, referred);
        let doc = words(name);
        let _ = writeln!(out, "  \"\"\"By {}: {doc}.\"\"\"\n  {name}: {kind} @where(sql: \"{sql}\")", referred.by);
    }
    out.push_str("}\n");
}

/// The type of a condition on a value inside JSON, and its SQL.
fn condition_on(kind: Kind, value: &str) -> (&'static str, String) {
    match kind {
        Kind::Boolean => ("Boolean", format!("COALESCE(CAST({value} AS boolean), FALSE) = {{value}}")),
        _ => ("String", format!("lower({value}) = lower({{value}})")),
    }
}

/// The type and the SQL of a condition on the records that refer to a row. Record ids are found in the text of the JSON,
/// which both databases can.
fn referring(catalog: &Catalog, resource: &Resource, referred: &Referred) -> (&'static str, String) {
    let by = catalog.resource(&referred.by).expect("the catalogue is checked");
    let (table, json) = by.storage();
    let id = record_id::expression(resource.storage().0).replace('"', "");
    let kind = if by.table.is_none() { format!(" AND other.kind = '{}'", by.name) } else { String::new() };
    let rows = |extra: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {table} other WHERE other.tenant_id = {{t}}.tenant_id AND other.deleted_at IS NULL\
             {kind} AND CAST(other.{json} -> '{}' AS text) LIKE '%' || {id} || '%'{extra})",
            referred.field
        )
    };
    match &referred.is {
        Some(name) => ("String", rows(&format!(" AND lower(other.{json} ->> '{name}') = lower({{value}})"))),
        None => ("Boolean", format!("{} = {{value}}", rows(""))),
    }
}

/// The filter type of a field; lists match if one of their values does.
fn condition(field: &Field) -> Option<&'static str> {
    let is_listed = field.list && !field.is_shape() && !field.hidden;
    if !is_plain(field) && !is_listed {
        return None;
    }
    Some(match (scalar(field), field.list) {
        ("ID", _) => "RecordIdFilter",
        ("String", _) => "StringFilter",
        (_, true) => return None,
        ("Date", _) => "DateFilter",
        ("DateTime", _) => "DateTimeFilter",
        ("Long", _) => "LongFilter",
        ("Float", _) => "FloatFilter",
        ("Boolean", _) => "Boolean",
        _ => return None,
    })
}

fn changing(out: &mut String, resource: &Resource, verb: &str) {
    let (of, singular, plain) = (resource.type_name(), resource.singular(), resource.plain());
    let is_new = verb == "Create";
    let _ = writeln!(out, "\"\"\"What `{}{of}` takes.\"\"\"\ninput {verb}{of}Input {{", verb.to_lowercase());
    if is_new {
        let namespace = match resource.namespace {
            None => "[String!]",
            Some(Namespace::List) => "[String!]!",
            Some(Namespace::Text) => "String!",
        };
        let _ = writeln!(
            out,
            "  \"\"\"Namespace of the company that owns it; left out: the caller's own.\"\"\"\n  \
             company_namespace: {namespace}"
        );
    } else {
        out.push_str(
            "  \"\"\"Record id of the row to change.\"\"\"\n  recordId: ID!\n  \"\"\"The revision that the caller has \
             seen; refused if there is a newer one.\"\"\"\n  revision: Int\n",
        );
        let _ = writeln!(out, "  \"\"\"What is to change; what is left out stays.\"\"\"\n  changes: {of}Changes!\n}}");
        let _ = writeln!(out, "\"\"\"What can change of one of the {}.\"\"\"\ninput {of}Changes {{", resource.plural);
        // A resource of which nothing can be changed has a member all the same: no input may be empty.
        out.push_str("  \"\"\"Ignored: a row stays with its company.\"\"\"\n  company_namespace: JSON\n");
    }
    for (name, field) in &resource.fields {
        let is_open = field.on == Access::Always || (field.on == Access::Update && !is_new);
        if !is_open {
            continue;
        }
        // Changes are partial, but for the one family that repeats what creation requires.
        let must = field.required && (is_new || resource.family == Family::B);
        let must = if must { "!" } else { "" };
        let inner = if field.is_shape() { shape_name(of, name) + "Input" } else { scalar(field).to_owned() };
        let listed = if field.list { format!("[{inner}!]") } else { inner };
        let _ = writeln!(out, "  \"\"\"{}\"\"\"\n  {name}: {listed}{must}", field.sentence(name));
    }
    let _ = write!(
        out,
        r#"}}
"""What `{0}{of}` answers."""
type {verb}{of}Payload {{
  """The {plain}; null if it failed."""
  {singular}: {of}
  """What went wrong."""
  errors: [UserError!]!
}}
extend type Mutation {{
  """{verb}s one of the {1}."""
  {0}{of}(input: {verb}{of}Input!): {verb}{of}Payload! @needs(permission: "{3}") @record(action: "{0}", of: "{2}")
}}
"#,
        verb.to_lowercase(),
        resource.plural,
        resource.name,
        resource.rights().1
    );
}

fn removing(out: &mut String, resource: &Resource) {
    let (of, plural, singular) = (resource.type_name(), &resource.plural, resource.singular());
    let _ = write!(
        out,
        r#""""What `remove{of}` takes."""
input Remove{of}Input {{
  """Record id of the row to remove."""
  recordId: ID!
}}
"""What `remove{of}` answers."""
type Remove{of}Payload {{
  """The row as it was: its ids and its document; null if it failed."""
  {singular}: {of}
  """What went wrong."""
  errors: [UserError!]!
}}
extend type Mutation {{
  """Removes one of the {plural}."""
  remove{of}(input: Remove{of}Input!): Remove{of}Payload! @needs(permission: "{write}") @record(action: "remove", of: "{name}")
}}
"#,
        name = resource.name,
        write = resource.rights().1
    );
    if resource.bulk {
        let many = capitalized(&resource.root);
        let _ = write!(
            out,
            r#""""What `remove{many}` takes."""
input Remove{many}Input {{
  """Record ids of the rows to remove, at most 1,000; unknown ones are passed over."""
  ids: [ID!]!
}}
"""What `remove{many}` answers."""
type Remove{many}Payload {{
  """How many rows were removed."""
  removed: Int
  """What went wrong."""
  errors: [UserError!]!
}}
extend type Mutation {{
  """Removes several {plural} in one transaction."""
  remove{many}(input: Remove{many}Input!): Remove{many}Payload! @needs(permission: "{write}") @record(action: "remove_many", of: "{name}")
}}
"#,
            name = resource.name,
            write = resource.rights().1
        );
    }
}
