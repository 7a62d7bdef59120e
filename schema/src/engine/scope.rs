//! Which rows a viewer may see, as SQL. Every statement over rows goes through here; there is no other way.

use super::{
    model::Table,
    request::Request,
    sql::{Piece, any, column, template},
};
use crate::viewer::{Reach, Viewer};

/// Whether the viewer may read rows of the type at all.
#[must_use]
pub fn may_read(viewer: &Viewer, table: &Table) -> bool {
    viewer.is_signed_in() && (table.read.is_empty() || table.read.iter().any(|word| viewer.may(word)))
}

/// All conditions on rows that are listed or looked up; `alias` is that of the table.
#[must_use]
pub fn visible(request: &Request<'_>, table: &Table, alias: &str) -> Vec<Piece> {
    let mut pieces = below(request, table, alias);
    for parent in &table.parents {
        pieces.extend(parent_visible(request, parent, alias));
    }
    pieces
}

/// The conditions on rows that belong to a row which the viewer sees.
#[must_use]
pub fn below(request: &Request<'_>, table: &Table, alias: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    pieces.extend(table.kind.as_ref().map(|kind| Piece::text(format!("{} = '{kind}'", column(alias, "kind")))));
    if table.is_soft_deleted {
        pieces.push(Piece::text(format!("{} IS NULL", column(alias, "deleted_at"))));
    }
    if let (Some(reach), Reach::Some(tenants)) = (&table.reach, &request.viewer.tenants) {
        pieces.push(any(request.backend(), &column(alias, reach), tenants));
    }
    pieces.extend(allowed(request.viewer, table, alias).map(Piece::text));
    pieces
}

/// The condition that a type puts on single rows, if it binds this viewer.
#[must_use]
pub fn allowed(viewer: &Viewer, table: &Table, alias: &str) -> Option<String> {
    let rows = table.rows.as_ref()?;
    let is_lifted = table.unless.as_ref().is_some_and(|word| viewer.may(word));
    let is_free_machine = viewer.staff.is_none() && viewer.is_signed_in() && !table.is_strict;
    if is_lifted || is_free_machine {
        return None;
    }
    // No person has the number 0.
    let viewer = viewer.staff.unwrap_or(0).to_string();
    Some(format!("({})", template(rows, alias).replace("{viewer}", &viewer)))
}

/// The table of that name.
#[must_use]
pub fn table(request: &Request<'_>, name: &str) -> Option<&'static Table> {
    request
        .model()
        .objects
        .values()
        .filter_map(|object| object.table.as_ref())
        .find(|table| table.name == name && !table.is_second)
}

/// A note of a lead is as visible as the lead.
fn parent_visible(request: &Request<'_>, parent: &str, alias: &str) -> Option<Piece> {
    let names = column(alias, &format!("{parent}_id"));
    let table = table(request, parent)?;
    if !may_read(request.viewer, table) {
        return Some(Piece::text(format!("{names} IS NULL")));
    }
    let mut piece = Piece::text(format!(
        "({names} IS NULL OR EXISTS (SELECT 1 FROM \"{}\" parent WHERE parent.id = {names} AND ",
        table.name
    ));
    piece.append(Piece::join(below(request, table, "parent"), " AND ")?);
    piece.push("))");
    Some(piece)
}

/// What a row must fulfil to be shown by a row that names it, `{t}` being its alias: rights, not deletion, for
/// past records keep their authors.
#[must_use]
pub fn joined(request: &Request<'_>, table: &Table) -> Option<String> {
    if !may_read(request.viewer, table) {
        return Some("FALSE".to_owned());
    }
    allowed(request.viewer, table, "{t}")
}
