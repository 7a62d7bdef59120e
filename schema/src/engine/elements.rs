//! Lists inside JSON as SQL: conditions on their values, and the rows that their record ids name.

use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::DbBackend;

use super::{
    compare::{self, Target},
    model::{Leaf, Table},
    plan::ROOT,
    record_id,
    request::Request,
    sql::{Piece, column, template},
};
use crate::error::Error;

/// The values of a JSON list as rows `e` with the column `value`.
fn rows(backend: DbBackend, list: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("jsonb_array_elements_text({list}) e(value)"),
        _ => format!("json_each({list}) e"),
    }
}

/// At least one value meets the operators; of `ne` and `notIn`, none does.
///
/// # Errors
/// A value of the wrong form, named by its path.
pub fn condition(
    request: &Request<'_>,
    list: &str,
    leaf: &Leaf,
    operators: &IndexMap<Name, Value>,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        let (positive, is_negative) = match operator.as_str() {
            "ne" => ("eq", true),
            "notIn" => ("in", true),
            other => (other, false),
        };
        if positive == "isNull" {
            let test = if *value == Value::Boolean(true) { "IS NULL" } else { "IS NOT NULL" };
            pieces.push(Piece::text(format!("({list}) {test}")));
            continue;
        }
        let target = Target { sql: "e.value".to_owned(), leaf };
        let one = IndexMap::from([(Name::new(positive), value.clone())]);
        let Some(inner) = compare::operators(request, &target, &one, path)? else { continue };
        let word = if is_negative { "NOT EXISTS" } else { "EXISTS" };
        let mut piece = Piece::text(format!("{word} (SELECT 1 FROM {} WHERE ", rows(request.backend(), list)));
        piece.append(inner);
        piece.push(")");
        pieces.push(piece);
    }
    Ok(Piece::join(pieces, " AND "))
}

/// Joins the rows that list to the rows of `target` that their ids name, as `link` with the column `parent`.
#[must_use]
pub fn link(backend: DbBackend, (table, list): (&str, &str), target: &Table) -> String {
    let values = rows(backend, &template(list, "p"));
    format!(
        " JOIN (SELECT p.\"id\" AS parent, p.\"tenant_id\" AS tenant, e.value AS target FROM \"{table}\" p, {values}) \
         link ON {} AND {} = link.tenant",
        record_id::names(target, ROOT, "link.target"),
        column(ROOT, "tenant_id")
    )
}

/// Operators on a record id, where a column holds the number of the row.
///
/// # Errors
/// A value of the wrong form, named by its path.
pub fn on_number(
    request: &Request<'_>,
    key: &str,
    of: &str,
    operators: &IndexMap<Name, Value>,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let mark = request.model().rows(of).and_then(|(_, table)| record_id::mark(&table.name)).unwrap_or_default();
    // No row has a number below 1: an id of something else is that of none.
    let number = |value: &Value| match value {
        Value::String(id) => Value::from(record_id::number(mark, id).unwrap_or(-1)),
        other => other.clone(),
    };
    let numbers = operators.iter().map(|(name, value)| {
        let value = match value {
            Value::List(items) => Value::List(items.iter().map(number).collect()),
            one => number(one),
        };
        (name.clone(), value)
    });
    let target = Target { sql: key.to_owned(), leaf: &Leaf::Integer };
    compare::operators(request, &target, &numbers.collect(), path)
}
