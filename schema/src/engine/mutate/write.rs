//! Drafts into the database: one INSERT or UPDATE, the rows of link tables, the times, the log.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    super::{model::Table, sql::Piece},
    violation,
};
use crate::{
    error::Code,
    events::ChangeKind,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Writes the row; answers its number.
///
/// # Errors
/// A constraint of the database refuses it: a failure that names the member; or a fault.
pub async fn write(call: &Call<'_>, tx: &DatabaseTransaction, draft: &mut Draft) -> Result<i64, Failure> {
    let request = call.request();
    let (_, table) = request.model().rows(draft.of).expect("rows are written to tables");
    let has = |column: &str| request.model().column(&table.name, column).is_some();
    let is_new = draft.is_new();
    if has("updated_at") && (is_new || !draft.values.is_empty() || !draft.links.is_empty()) {
        draft.set("updated_at", call.now());
    }
    if is_new {
        if has("created_at") {
            draft.default("created_at", call.now());
        }
        if has("created_by_id") && call.viewer.staff.is_some() {
            draft.default("created_by_id", call.viewer.staff);
        }
        if let (true, Some(tenant)) = (has("tenant_id"), draft.tenant) {
            draft.default("tenant_id", tenant);
        }
    }
    let number = match draft.number {
        Some(number) => {
            update(call, tx, table, draft).await?;
            number
        }
        None => insert(call, tx, table, draft).await?,
    };
    draft.number = Some(number);
    for (link, from, to, others) in &draft.links {
        relink(call, tx, (link, from, to), (number, others)).await?;
    }
    call.changed(if is_new { ChangeKind::Created } else { ChangeKind::Updated }, draft.of, number);
    Ok(number)
}

async fn insert(call: &Call<'_>, tx: &DatabaseTransaction, table: &Table, draft: &Draft) -> Result<i64, Failure> {
    let names: Vec<String> = draft.values.keys().map(|name| format!("\"{name}\"")).collect();
    let holes = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({holes}) RETURNING id", table.name, names.join(", "));
    let piece = Piece::with(&sql, draft.values.values().cloned());
    let row = tx.query_one_raw(piece.statement(call.hub.database.backend())).await;
    let row = row.map_err(|error| violation::of_write(&table.name, error))?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

async fn update(call: &Call<'_>, tx: &DatabaseTransaction, table: &Table, draft: &Draft) -> Result<(), Failure> {
    if draft.values.is_empty() {
        return Ok(());
    }
    let sets: Vec<String> = draft.values.keys().map(|name| format!("\"{name}\" = ?")).collect();
    let sql = format!("UPDATE \"{}\" SET {} WHERE id = ?", table.name, sets.join(", "));
    let values = draft.values.values().cloned().chain([draft.written().into()]);
    let piece = Piece::with(&sql, values);
    let done = tx.execute_raw(piece.statement(call.hub.database.backend())).await;
    let done = done.map_err(|error| violation::of_write(&table.name, error))?;
    if done.rows_affected() == 0 {
        return Err(fault(Code::Conflict, "", "Somebody else removed the row meanwhile."));
    }
    Ok(())
}

async fn relink(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (link, from, to): (&str, &str, &str),
    (number, others): (i64, &[i64]),
) -> Result<(), Failure> {
    let backend = call.hub.database.backend();
    let clear = Piece::with(&format!("DELETE FROM \"{link}\" WHERE \"{from}\" = ?"), [number.into()]);
    tx.execute_raw(clear.statement(backend)).await?;
    let mut others = others.to_vec();
    others.sort_unstable();
    others.dedup();
    if others.is_empty() {
        return Ok(());
    }
    let rows = vec!["(?, ?)"; others.len()].join(", ");
    let values = others.into_iter().flat_map(|other| [number.into(), other.into()]);
    let piece = Piece::with(&format!("INSERT INTO \"{link}\" (\"{from}\", \"{to}\") VALUES {rows}"), values);
    tx.execute_raw(piece.statement(backend)).await?;
    Ok(())
}

/// Deletes the row, or marks it as deleted where its type says so.
///
/// # Errors
/// `WRONG_STATE` if other rows need it.
pub async fn delete(call: &Call<'_>, tx: &DatabaseTransaction, table: &Table, draft: &Draft) -> Result<(), Failure> {
    let number = draft.written();
    let piece = if table.is_soft_deleted {
        let sql = format!("UPDATE \"{}\" SET deleted_at = ? WHERE id = ?", table.name);
        Piece::with(&sql, [call.now().into(), number.into()])
    } else {
        Piece::with(&format!("DELETE FROM \"{}\" WHERE id = ?", table.name), [number.into()])
    };
    let done = tx.execute_raw(piece.statement(call.hub.database.backend())).await;
    done.map_err(|error| violation::of_delete(&table.plural, error))?;
    call.deleted(draft.of, number, draft.tenant);
    Ok(())
}

/// The company of a row; none for rows of the whole instance.
///
/// # Errors
/// The database failed.
pub async fn tenant_of(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    table: &Table,
    number: i64,
) -> Result<Option<i64>, Failure> {
    let Some("tenant_id") = table.reach.as_deref() else { return Ok(None) };
    let piece = Piece::with(&format!("SELECT tenant_id FROM \"{}\" WHERE id = ?", table.name), [number.into()]);
    let row = tx.query_one_raw(piece.statement(call.hub.database.backend())).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}
