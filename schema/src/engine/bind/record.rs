//! What stands behind the fields of a resource of the catalogue: members of a JSON column, rows that record ids name,
//! and the mutations of such rows.

use async_graphql::parser::types::{ConstDirective, FieldDefinition};

use super::{
    super::{
        derive::base,
        document::{BUILT_IN, text},
        model::{Binding, Leaf, Link, Many, RecordAction, Style},
        record_id,
    },
    Place, is_list,
};

/// The record id of a row of the table.
pub(super) fn id(table: &str) -> Binding {
    Binding::Expression { sql: record_id::expression(table), leaf: Leaf::Key }
}

/// A member of a JSON column, by the type of the field.
pub(super) fn body(field: &FieldDefinition, found: &ConstDirective) -> Option<Binding> {
    let (column, key) = (text(found, "column")?, text(found, "key")?);
    let (json, plain) = (format!("{{t}}.\"{column}\" -> '{key}'"), format!("{{t}}.\"{column}\" ->> '{key}'"));
    let cast = |kind: &str| format!("CAST({plain} AS {kind})");
    let of = base(&field.ty.node);
    let is_scalar = BUILT_IN.contains(&of) || ["Date", "DateTime", "Long", "JSON"].contains(&of);
    if !is_scalar {
        return Some(Binding::Shape { sql: json });
    }
    if is_list(&field.ty.node) {
        return Some(Binding::Elements { sql: json });
    }
    let (sql, leaf) = match of {
        "Long" => (cast("bigint"), Leaf::Integer),
        "Float" => (cast("double precision"), Leaf::Float),
        "Boolean" => (cast("boolean"), Leaf::Boolean),
        "DateTime" => (plain, Leaf::Stamp),
        "Date" | "ID" => (plain, Leaf::Key),
        "JSON" => (json, Leaf::Json),
        _ => (plain, Leaf::Text),
    };
    Some(Binding::Expression { sql, leaf })
}

/// An expression over the row, by the type of the field.
pub(super) fn expression(field: &FieldDefinition, sql: String) -> Binding {
    let leaf = match base(&field.ty.node) {
        "Long" => Leaf::Integer,
        "Float" => Leaf::Float,
        "Boolean" => Leaf::Boolean,
        "DateTime" => Leaf::Stamp,
        "Date" | "ID" => Leaf::Key,
        _ => Leaf::Text,
    };
    Binding::Expression { sql, leaf }
}

/// One or many rows, by the record ids in a JSON column; or one by a column that links to it.
pub(super) fn reference(place: Place<'_>, field: &FieldDefinition, found: &ConstDirective) -> Option<Binding> {
    if let Some(column) = text(found, "link") {
        return Some(Binding::One { column });
    }
    let (column, key) = (text(found, "column")?, text(found, "key")?);
    if !is_list(&field.ty.node) {
        return Some(Binding::Named { sql: format!("{{t}}.\"{column}\" ->> '{key}'") });
    }
    let by = Link::Elements { table: place.table.to_owned(), sql: format!("{{t}}.\"{column}\" -> '{key}'") };
    let of = base(&field.ty.node).to_owned();
    Some(Binding::Many(Many { by, condition: None, order: Vec::new(), style: Style::List, of }))
}

/// A mutation of rows of a resource.
pub(super) fn mutation(found: &ConstDirective) -> Option<Binding> {
    let action = match text(found, "action")?.as_str() {
        "create" => RecordAction::Create,
        "update" => RecordAction::Update,
        "remove" => RecordAction::Remove,
        _ => RecordAction::RemoveMany,
    };
    Some(Binding::Record { action, of: text(found, "of")? })
}
