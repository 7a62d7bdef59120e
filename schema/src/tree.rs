//! Rows below rows of their own kind. It must not know which kinds there are.

use sea_orm::{ConnectionTrait, Statement};

use crate::{
    error::Code,
    verb::{Failure, fault},
};

/// Refuses to put a row below itself or below what is below it. The caller locks whatever keeps two such moves
/// apart.
///
/// # Errors
/// `INVALID` on `parent`.
pub async fn refuse_cycle<C: ConnectionTrait>(
    db: &C,
    table: &'static str,
    number: i64,
    parent: i64,
) -> Result<(), Failure> {
    let text = format!(
        "WITH RECURSIVE above(id) AS (SELECT CAST($1 AS BIGINT) UNION SELECT {table}.parent_id FROM {table} \
         JOIN above ON {table}.id = above.id WHERE {table}.parent_id IS NOT NULL) \
         SELECT id FROM above WHERE id = $2"
    );
    let query = Statement::from_sql_and_values(db.get_database_backend(), text, [parent.into(), number.into()]);
    match db.query_one_raw(query).await? {
        Some(_) => Err(fault(Code::Invalid, "parent", "A row cannot be below itself.")),
        None => Ok(()),
    }
}
