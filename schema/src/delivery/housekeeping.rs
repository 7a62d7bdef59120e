//! What the outbox needs beside sending: its numbers, the removal of what is old, and news of sources.

use std::time::Duration;

use chrono::TimeDelta;
use groupgraph_entities::{delivery, received_key};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::{Kind, PENDING};
use crate::{engine::sql::Piece, hub::Hub, webhook};

const INTERVAL: Duration = Duration::from_secs(5);
/// Rounds between two removals.
const SELDOM: u64 = 120;
/// What is counted while it waits.
const KINDS: [Kind; 7] =
    [Kind::Payroll, Kind::Payslip, Kind::Webhook, Kind::Mail, Kind::Announcement, Kind::Halopsa, Kind::Recognition];
/// What nobody asks about once it is old.
const PASSING: [Kind; 4] = [Kind::Webhook, Kind::Mail, Kind::Announcement, Kind::Recognition];
/// Life of keys of what others have sent, in days.
const KEY_DAYS: i64 = 400;

/// Never ends.
pub async fn keep(hub: Hub) {
    for round in 0_u64.. {
        if let Err(error) = keep_once(&hub, round.is_multiple_of(SELDOM)).await {
            tracing::error!(%error, "the outbox is not kept in order");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn keep_once(hub: &Hub, removes: bool) -> Result<(), DbErr> {
    webhook::tell_source_states(hub).await?;
    count(hub).await?;
    if removes { remove_old(hub).await } else { Ok(()) }
}

/// How many wait, and for how long the oldest has been due.
async fn count(hub: &Hub) -> Result<(), DbErr> {
    let backend = hub.database.backend();
    let sql = "SELECT kind, COUNT(*), MIN(next_attempt_at) FROM delivery WHERE status = ? GROUP BY kind";
    let rows = hub.database.read.query_all_raw(Piece::with(sql, [PENDING.into()]).statement(backend)).await?;
    let mut waiting = Vec::new();
    for row in rows {
        let (kind, count): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let due: Option<chrono::DateTime<chrono::Utc>> = row.try_get_by_index(2)?;
        waiting.push((kind, count, due));
    }
    for kind in KINDS {
        let found = waiting.iter().find(|(word, ..)| word == kind.word());
        let (count, due) = found.map_or((0, None), |(_, count, due)| (*count, *due));
        let late = due.map_or(0, |due| (hub.clock.now() - due).num_seconds().max(0));
        let [count, late] = [count, late].map(|number| f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
        metrics::gauge!("groupgraph_deliveries_pending", "kind" => kind.word().to_lowercase()).set(count);
        metrics::gauge!("groupgraph_delivery_lag_seconds", "kind" => kind.word().to_lowercase()).set(late);
    }
    Ok(())
}

/// Mails, events, news and readings that are over. Pay stays: its delivery is part of the record.
async fn remove_old(hub: &Hub) -> Result<(), DbErr> {
    let before = hub.clock.now() - TimeDelta::days(hub.settings.deliveries.keep_days.into());
    delivery::Entity::delete_many()
        .filter(delivery::Column::Kind.is_in(PASSING.map(Kind::word)))
        .filter(delivery::Column::Status.ne(PENDING))
        .filter(delivery::Column::CreatedAt.lt(before))
        .exec(&hub.database.write)
        .await?;
    // Far longer than anybody may still send it again.
    let before = hub.clock.now() - TimeDelta::days(KEY_DAYS);
    received_key::Entity::delete_many()
        .filter(received_key::Column::CreatedAt.lt(before))
        .exec(&hub.database.write)
        .await?;
    Ok(())
}
