//! Record ids: 24 hexadecimal digits by which older apps know a row. Rows of the table `record` keep theirs; those of
//! the hub's own tables are made of a mark of the table and the row's number, so that they need no column.

use std::fmt::Write;

use rand::Rng;
use sea_orm::DbBackend;

use super::{
    model::Table,
    sql::{Piece, any, column},
};

/// Marks of the hub's own tables.
const MARKS: [(&str, &str); 8] = [
    ("client", "c00001"),
    ("product", "c00002"),
    ("product_category", "c00003"),
    ("invoice", "c00004"),
    ("payment", "c00005"),
    ("staff", "c00006"),
    ("team", "c00007"),
    ("ticket", "c00008"),
];

/// The mark of a table of the hub's own.
#[must_use]
pub fn mark(table: &str) -> Option<&'static str> {
    MARKS.iter().find(|(name, _)| *name == table).map(|(_, mark)| *mark)
}

/// A new id for a row of `record`: the second of its making, then chance. Never begins like a mark before the year
/// 2071.
#[must_use]
pub fn fresh(now: chrono::DateTime<chrono::Utc>) -> String {
    let mut rest = [0_u8; 8];
    rand::rng().fill_bytes(&mut rest);
    let mut id = format!("{:08x}", now.timestamp());
    for byte in rest {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// The id of a row of the hub's own tables.
#[must_use]
pub fn of_number(mark: &str, number: i64) -> String {
    format!("{mark}{number:018}")
}

/// The number in an id of the hub's own tables.
#[must_use]
pub fn number(mark: &str, id: &str) -> Option<i64> {
    let digits = id.strip_prefix(mark).filter(|digits| digits.len() == 18)?;
    digits.parse().ok()
}

/// Whether a text has the form of a record id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
}

/// The id as SQL over a row of the table; `{t}` is its alias.
#[must_use]
pub fn expression(table: &str) -> String {
    match mark(table) {
        // Adding 10^18 and cutting the first digit off pads with zeros on every database.
        Some(mark) => format!("'{mark}' || substr(CAST(1000000000000000000 + {{t}}.\"id\" AS text), 2)"),
        None => "{t}.\"object_id\"".to_owned(),
    }
}

/// Whether the id that `sql` gives names the row of the table under `alias`; the company is left to the caller.
#[must_use]
pub fn names(table: &Table, alias: &str, sql: &str) -> String {
    match (mark(&table.name), &table.kind) {
        (Some(_), _) => format!("{} = CAST(substr({sql}, 7) AS bigint)", column(alias, "id")),
        (None, Some(kind)) => {
            format!("{} = '{kind}' AND {} = {sql}", column(alias, "kind"), column(alias, "object_id"))
        }
        (None, None) => "FALSE".to_owned(),
    }
}

/// The condition that a row of the table has one of these ids.
#[must_use]
pub fn among<S: AsRef<str>>(backend: DbBackend, table: &Table, alias: &str, ids: &[S]) -> Piece {
    if let Some(mark) = mark(&table.name) {
        let numbers: Vec<i64> = ids.iter().filter_map(|id| number(mark, id.as_ref())).collect();
        return any(backend, &column(alias, "id"), &numbers);
    }
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).filter(|id| is_id(id)).collect();
    let (list, texts) = match backend {
        DbBackend::Postgres => (format!("{{{}}}", ids.join(",")), "= ANY (CAST(? AS text[]))"),
        _ => (serde_json::to_string(&ids).expect("texts are JSON"), "IN (SELECT value FROM json_each(?))"),
    };
    let kind = table.kind.as_ref().map_or(String::new(), |kind| format!(" AND {} = '{kind}'", column(alias, "kind")));
    Piece::with(&format!("{} {texts}{kind}", column(alias, "object_id")), [list.into()])
}

/// The condition that a row of the table has this id; none if no row can have it.
#[must_use]
pub fn condition(table: &Table, alias: &str, id: &str) -> Option<Piece> {
    match mark(&table.name) {
        Some(mark) => {
            number(mark, id).map(|number| Piece::with(&format!("{} = ?", column(alias, "id")), [number.into()]))
        }
        None => is_id(id).then(|| Piece::with(&format!("{} = ?", column(alias, "object_id")), [id.into()])),
    }
}
