//! The activity log: a line for every row of a company that a mutation wrote, in the same transaction.

mod relay;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::{
    engine::{
        MODEL,
        model::snake,
        sql::{Piece, any},
    },
    events::{Change, ChangeKind},
    verb::Call,
};

pub use self::relay::relayed;

/// Rows that are not worth a line: they follow from others, or have their own.
const QUIET: [&str; 6] = ["ActivityLog", "Notification", "AccessToken", "File", "Delivery", "WhistleReport"];

/// Writes the lines of a mutation's changes: one statement for each kind of change and type.
///
/// # Errors
/// The database refused.
pub async fn log(call: &Call<'_>, tx: &DatabaseTransaction, changes: &[Change]) -> Result<(), DbErr> {
    let mut numbers: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for change in changes.iter().filter(|change| !QUIET.contains(&change.of.as_str())) {
        let done = match change.kind {
            ChangeKind::Created => "Created",
            ChangeKind::Updated => "Changed",
            ChangeKind::Deleted => "Deleted",
        };
        if change.kind == ChangeKind::Deleted && !is_kept(&change.of) {
            gone(call, tx, change).await?;
        } else {
            numbers.entry((done, &change.of)).or_default().push(change.number);
        }
    }
    for ((done, of), numbers) in numbers {
        lines(call, tx, (done, of), &numbers).await?;
    }
    Ok(())
}

fn is_kept(of: &str) -> bool {
    MODEL.rows(of).is_some_and(|(_, table)| table.is_soft_deleted)
}

async fn lines(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (done, of): (&str, &str),
    numbers: &[i64],
) -> Result<(), DbErr> {
    let Some((_, table)) = MODEL.rows(of).filter(|(_, table)| table.reach.as_deref() == Some("tenant_id")) else {
        return Ok(());
    };
    let kind = snake(of);
    let description = format!("{done} {} ", kind.replace('_', " "));
    let backend = call.hub.database.backend();
    let mut piece = Piece::with(
        &format!(
            "INSERT INTO activity_log (tenant_id, kind, description, staff_id, staff_name, occurred_at) \
             SELECT COALESCE(changed.tenant_id, (SELECT id FROM tenant ORDER BY is_head_office DESC, id LIMIT 1)), ?, CAST(? AS text) || changed.id, ?, (SELECT name FROM staff WHERE id = ?), ? FROM \"{}\" changed WHERE ",
            table.name
        ),
        [kind.into(), description.into(), call.viewer.staff.into(), call.viewer.staff.into(), call.now().into()],
    );
    piece.append(any(backend, "changed.id", numbers));
    tx.execute_raw(piece.statement(backend)).await?;
    Ok(())
}

/// A row that is no longer there: its company was noted with the change.
async fn gone(call: &Call<'_>, tx: &DatabaseTransaction, change: &Change) -> Result<(), DbErr> {
    let Some(tenant) = change.tenant else { return Ok(()) };
    let kind = snake(&change.of);
    let description = format!("Deleted {} {}", kind.replace('_', " "), change.number);
    let staff = call.viewer.staff;
    let piece = Piece::with(
        "INSERT INTO activity_log (tenant_id, kind, description, staff_id, staff_name, occurred_at) \
         VALUES (?, ?, ?, ?, (SELECT name FROM staff WHERE id = ?), ?)",
        [tenant.into(), kind.into(), description.into(), staff.into(), staff.into(), call.now().into()],
    );
    tx.execute_raw(piece.statement(call.hub.database.backend())).await?;
    Ok(())
}
