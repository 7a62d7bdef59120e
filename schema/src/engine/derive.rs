//! Types that follow from others and are therefore not written in the nouns' files: `XConnection` and `XEdge`
//! for a listed `X`, `GlobalXConnection`, `XOrder` for an `XOrderField`, and `EFilter` for an enum `E`.

use std::collections::BTreeSet;

use async_graphql::parser::types::{BaseType, Type, TypeKind};

use super::document::{Document, directive, text};

/// Adds every such type that is referred to but not written.
pub fn complete(document: &mut Document) {
    let mut missing: Vec<String> =
        referred(document).into_iter().filter(|name| !document.types.contains_key(name)).collect();
    entity(document);
    // Global connections first: they refer to edges.
    missing.sort_by_key(|name| !name.starts_with("Global"));
    for name in missing {
        let sdl = if let Some(of) = global_connection(&name) {
            global(of, &plural(document, of))
        } else if let Some(of) = name.strip_suffix("Connection") {
            connection(of, &plural(document, of))
        } else if let Some(of) = name.strip_suffix("Order") {
            order(of, &plural(document, of))
        } else if let Some(of) = name.strip_suffix("Filter") {
            enum_filter(of)
        } else {
            continue;
        };
        document.derive(&sdl);
    }
}

/// The union of all types that have a key, for routers of Apollo Federation.
fn entity(document: &mut Document) {
    let keyed = document.types.iter().filter(|(_, found)| directive(&found.directives, "key").is_some());
    let members: Vec<&str> = keyed.map(|(name, _)| name.as_str()).collect();
    if !members.is_empty() {
        let sdl = format!("\"\"\"A row that has a key.\"\"\"\nunion _Entity = {}", members.join(" | "));
        document.derive(&sdl);
    }
}

fn global_connection(name: &str) -> Option<&str> {
    name.strip_prefix("Global")?.strip_suffix("Connection")
}

/// All types that fields, arguments and members refer to.
#[must_use]
pub fn referred(document: &Document) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for found in document.types.values() {
        match &found.kind {
            TypeKind::Object(object) => {
                for field in &object.fields {
                    names.insert(base(&field.node.ty.node).to_owned());
                    names.extend(field.node.arguments.iter().map(|argument| base(&argument.node.ty.node).to_owned()));
                }
            }
            TypeKind::InputObject(input) => {
                names.extend(input.fields.iter().map(|field| base(&field.node.ty.node).to_owned()));
            }
            _ => {}
        }
    }
    names
}

/// The innermost name of a type.
#[must_use]
pub fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

fn plural(document: &Document, of: &str) -> String {
    document
        .types
        .get(of)
        .and_then(|found| directive(&found.directives, "table"))
        .and_then(|table| text(table, "plural"))
        .unwrap_or_else(|| format!("{of} rows"))
}

fn connection(of: &str, plural: &str) -> String {
    format!(
        r#"
"""A page of {plural}."""
type {of}Connection {{
  """Rows with their cursors."""
  edges: [{of}Edge!]!
  """Rows."""
  nodes: [{of}!]!
  """Where the page stands."""
  pageInfo: PageInfo!
  """Rows that match; counted only if selected."""
  totalCount: Int!
}}
"""A row and its cursor."""
type {of}Edge {{
  """Cursor of the row; opaque."""
  cursor: String!
  """The row."""
  node: {of}!
}}"#
    )
}

fn global(of: &str, plural: &str) -> String {
    format!(
        r#"
"""A page of {plural} of the whole group, merged in order; the cursor is the order key, so no page depends on a source's state."""
type Global{of}Connection {{
  """Rows with their cursors."""
  edges: [{of}Edge!]!
  """Rows; what a company does not offer is null."""
  nodes: [{of}!]!
  """Where the page stands."""
  pageInfo: PageInfo!
  """Rows that match; null if a source did not count."""
  totalCount: Int
  """How each source took part."""
  sources(
    """True: only those that failed; false: only those that did not."""
    isFailed: Boolean
  ): [SourceReport!]!
}}"#
    )
}

fn order(of: &str, plural: &str) -> String {
    format!(
        r#"
"""Order of {plural}; ties are broken by number, ascending."""
input {of}Order {{
  """Field to order by."""
  field: {of}OrderField!
  """Direction."""
  direction: OrderDirection = ASC
}}"#
    )
}

fn enum_filter(of: &str) -> String {
    format!(
        r#"
"""Conditions on {of}."""
input {of}Filter {{
  """Equal."""
  eq: {of}
  """Not equal."""
  ne: {of}
  """One of these."""
  in: [{of}!]
  """None of these."""
  notIn: [{of}!]
}}"#
    )
}
