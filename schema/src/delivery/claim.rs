//! Takes due deliveries for this process: a lease that runs out, so that a process that dies holds nothing up.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::delivery;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::PENDING;
use crate::{engine::sql::Piece, hub::Hub};

/// How long a lease holds.
#[must_use]
pub fn lease_time(attempt_timeout: Duration) -> TimeDelta {
    let time = attempt_timeout + attempt_timeout / 2;
    TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX)
}

/// Takes at most `most` deliveries that are due, the longest waiting first, but none for the receivers in `busy`. Of
/// a lane only the oldest can be taken. Replicas that ask at the same time get different ones.
///
/// # Errors
/// The database is out of reach.
pub async fn claim(hub: &Hub, most: usize, busy: &[String]) -> Result<Vec<delivery::Model>, DbErr> {
    let now = hub.clock.now();
    let lease = Uuid::new_v4().to_string();
    let until = now + lease_time(Duration::from_millis(hub.settings.deliveries.attempt_timeout_ms));
    let backend = hub.database.backend();
    let statement = update(backend, &lease, (now, until), most, busy).statement(backend);
    let taken = hub.database.write.execute_raw(statement).await?;
    if taken.rows_affected() == 0 {
        return Ok(Vec::new());
    }
    delivery::Entity::find().filter(delivery::Column::Lease.eq(lease)).all(&hub.database.write).await
}

fn update(
    backend: DbBackend,
    lease: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
    busy: &[String],
) -> Piece {
    // SQLite has one writer, so nothing needs to be skipped.
    let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let mut due = Piece::with(
        "WITH due AS MATERIALIZED (SELECT row.id FROM delivery row WHERE row.status = ? AND row.next_attempt_at <= ? \
         AND (row.leased_until IS NULL OR row.leased_until <= ?) \
         AND NOT EXISTS (SELECT 1 FROM delivery earlier WHERE earlier.lane = row.lane AND earlier.id < row.id \
         AND earlier.status = ?)",
        [PENDING.into(), now.into(), now.into(), PENDING.into()],
    );
    if !busy.is_empty() {
        let holes = vec!["?"; busy.len()].join(", ");
        let names = busy.iter().map(|target| target.as_str().into());
        due.append(Piece::with(&format!(" AND row.target NOT IN ({holes})"), names));
    }
    due.append(Piece::with(
        &format!(
            " ORDER BY row.next_attempt_at, row.id LIMIT {most} {skip}) \
             UPDATE delivery SET lease = ?, leased_until = ? WHERE id IN (SELECT id FROM due) AND status = ?"
        ),
        [lease.into(), until.into(), PENDING.into()],
    ));
    due
}
