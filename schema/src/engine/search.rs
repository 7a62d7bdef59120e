//! Free text over the columns that a type names for it.

use super::{
    compare,
    filter::Rows,
    sql::{Piece, column},
};

/// Free text: any of the type's search columns has it, ignoring case.
#[must_use]
pub fn search(rows: Rows<'_>, text: &str) -> Option<Piece> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let pattern = compare::pattern(text, true);
    let table = rows.object.table.as_ref()?;
    let pieces = table
        .search
        .iter()
        .map(|name| {
            let like = |sql: &str| format!("lower({sql}) LIKE lower(?) ESCAPE '\\'");
            let sql = match name.split_once('.') {
                None => like(&column(rows.alias, name)),
                Some(("party", name)) => party_search(rows.alias, &like(&column("party", name))),
                Some((relation, name)) => format!(
                    "EXISTS (SELECT 1 FROM \"{relation}\" target WHERE target.id = {}.{relation}_id AND {})",
                    rows.alias,
                    like(&column("target", name))
                ),
            };
            let count = sql.matches('?').count();
            Piece::with(&sql, std::iter::repeat_n(sea_orm::Value::from(pattern.clone()), count))
        })
        .collect();
    Piece::join(pieces, " OR ")
}

fn party_search(alias: &str, like: &str) -> String {
    ["lead", "prospect", "client"]
        .map(|of| format!("EXISTS (SELECT 1 FROM \"{of}\" party WHERE party.id = {alias}.{of}_id AND {like})"))
        .join(" OR ")
}
