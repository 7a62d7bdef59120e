//! How often something may be asked for within a fixed window, and how much of it at the same time: counted in the
//! database, so that all replicas count together and a restart forgets nothing. It must not know what is asked for.

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::request_slot::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Set,
    TransactionTrait,
};
use uuid::Uuid;

use crate::{engine::sql::Piece, hub::Hub};

/// What is left of a quota after a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: u64,
    pub left: u64,
    /// Unix time in seconds at which the window ends.
    pub resets_at: i64,
    pub is_exceeded: bool,
}

/// A window that nothing has been used of.
#[must_use]
pub fn untouched(now: DateTime<Utc>, limit: u64, seconds: i64) -> Standing {
    Standing { limit, left: limit, resets_at: start(now, seconds) + seconds, is_exceeded: false }
}

/// Uses a quota once.
///
/// # Errors
/// The database refused.
pub async fn take<C: ConnectionTrait>(
    db: &C,
    now: DateTime<Utc>,
    scope: &str,
    (limit, seconds): (u64, i64),
) -> Result<Standing, DbErr> {
    let start = start(now, seconds);
    let piece = Piece::with(
        "INSERT INTO request_quota (scope, window_start, used) VALUES (?, ?, 1) ON CONFLICT (scope) DO UPDATE SET \
         used = CASE WHEN request_quota.window_start = excluded.window_start THEN request_quota.used + 1 ELSE 1 END, \
         window_start = excluded.window_start RETURNING used",
        [scope.into(), start.into()],
    );
    let row = db.query_one_raw(piece.statement(db.get_database_backend())).await?;
    let used: i64 = row.map_or(Ok(1), |row| row.try_get_by_index(0))?;
    let used = used.unsigned_abs();
    Ok(Standing { limit, left: limit.saturating_sub(used), resets_at: start + seconds, is_exceeded: used > limit })
}

fn start(now: DateTime<Utc>, seconds: i64) -> i64 {
    let now = now.timestamp();
    now - now.rem_euclid(seconds)
}

/// A place among those that may be taken at the same time.
pub struct Slot {
    hub: Hub,
    holder: String,
}

impl Slot {
    /// Takes a place, unless all are taken. Places of processes that died are free again after `most_time`.
    ///
    /// # Errors
    /// The database refused.
    pub async fn take(hub: &Hub, scope: &str, most: u64, most_time: TimeDelta) -> Result<Option<Self>, DbErr> {
        let now = hub.clock.now();
        let tx = hub.database.write.begin().await?;
        // One after the other: the row of the scope is locked until the end.
        take(&tx, now, &format!("slots of {scope}"), (u64::MAX, 1)).await?;
        Entity::delete_many().filter(Column::LeasedUntil.lte(now)).exec(&tx).await?;
        if Entity::find().filter(Column::Scope.eq(scope)).count(&tx).await? >= most {
            return Ok(None);
        }
        let holder = Uuid::new_v4().to_string();
        let row = ActiveModel {
            scope: Set(scope.to_owned()),
            holder: Set(holder.clone()),
            leased_until: Set(now + most_time),
            ..Default::default()
        };
        row.insert(&tx).await?;
        tx.commit().await?;
        Ok(Some(Self { hub: hub.clone(), holder }))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (hub, holder) = (self.hub.clone(), std::mem::take(&mut self.holder));
        tokio::spawn(async move {
            let freed = Entity::delete_many().filter(Column::Holder.eq(holder)).exec(&hub.database.write).await;
            if let Err(error) = freed {
                tracing::warn!(%error, "a place is given back only by its lease");
            }
        });
    }
}
