//! Free text over the columns that a type names for it.

use super::{
    compare,
    filter::Rows,
    request::Request,
    scope,
    sql::{Piece, column, template},
};
use crate::error::Error;

/// Letters of a text to search for.
const LONGEST: usize = 1000;

/// Refuses what nobody would look for.
///
/// # Errors
/// It is too long.
pub fn check_length(text: &str) -> Result<(), Error> {
    match text.chars().count() {
        0..=LONGEST => Ok(()),
        found => Err(Error::bad_input(format!("search has at most {LONGEST} letters, not {found}."))),
    }
}

/// Free text: any of the type's search columns has it, ignoring case. What a related row would not show is not
/// found by either.
#[must_use]
pub fn search(request: &Request<'_>, rows: Rows<'_>, text: &str) -> Option<Piece> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let pattern = compare::pattern(text, true);
    let table = rows.object.table.as_ref()?;
    let like = |sql: &str| format!("lower({sql}) LIKE lower(?) ESCAPE '\\'");
    let pieces = table
        .search
        .iter()
        .map(|name| {
            let sql = match name.split_once('.') {
                _ if name.contains("{t}") => like(&format!("({})", template(name, rows.alias))),
                None => like(&column(rows.alias, name)),
                Some(("party", name)) => ["lead", "prospect", "client"]
                    .map(|of| related(request, rows.alias, of, &like(&column("target", name))))
                    .join(" OR "),
                Some((relation, name)) => related(request, rows.alias, relation, &like(&column("target", name))),
            };
            let count = sql.matches('?').count();
            Piece::with(&sql, std::iter::repeat_n(sea_orm::Value::from(pattern.clone()), count))
        })
        .collect();
    Piece::join(pieces, " OR ")
}

/// Whether the row that `alias` names by `<relation>_id` fulfils a condition, as far as it is shown.
fn related(request: &Request<'_>, alias: &str, relation: &str, condition: &str) -> String {
    let rule = scope::table(request, relation).and_then(|table| scope::joined(request, table));
    let rule = rule.map(|rule| format!(" AND {}", template(&rule, "target"))).unwrap_or_default();
    format!(
        "EXISTS (SELECT 1 FROM \"{relation}\" target WHERE target.id = {alias}.{relation}_id AND {condition}{rule})"
    )
}
