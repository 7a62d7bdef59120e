//! Measurements of all processes: each one keeps what it measured in rows of its own, so that all tell the same and a
//! restart forgets nothing. It must not know how fast is fast.

use std::time::Duration;

use groupgraph_entities::measurement::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::json;

use super::{Endpoint, HOURS, Histogram, hour_of};
use crate::hub::Hub;

/// How often what is new is written; a process that dies loses no more.
const EVERY: Duration = Duration::from_secs(5);
/// Rows in one statement.
const BATCH: usize = 500;

/// Never ends.
pub async fn keep(hub: Hub) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = flush(&hub).await {
            tracing::error!(%error, "measurements cannot be written");
        }
    }
}

/// Writes what this process measured since the last time, and removes what is older than a day.
///
/// # Errors
/// The database refused; what is new is written the next time.
pub async fn flush(hub: &Hub) -> Result<(), DbErr> {
    let (performance, hour) = (hub.performance(), hour_of(hub.clock.now()));
    let fresh = performance.take_fresh(hour);
    if fresh.is_empty() {
        return Ok(());
    }
    let written = write(hub, &fresh).await;
    if written.is_err() {
        performance.give_back(&fresh);
        return written;
    }
    Entity::delete_many().filter(Column::Hour.lte(hour - HOURS)).exec(&hub.database.write).await?;
    Ok(())
}

async fn write(hub: &Hub, fresh: &[(Endpoint, Histogram)]) -> Result<(), DbErr> {
    for batch in fresh.chunks(BATCH) {
        let rows = batch.iter().map(|(endpoint, measured)| row(hub.performance().process(), endpoint, measured));
        let again = OnConflict::columns([Column::Hour, Column::Process, Column::System, Column::Path])
            .update_columns([Column::Requests, Column::Failed, Column::Bytes, Column::Microseconds, Column::Buckets])
            .to_owned();
        Entity::insert_many(rows).on_conflict(again).exec_without_returning(&hub.database.write).await?;
    }
    Ok(())
}

fn row(process: &str, (system, path, hour): &Endpoint, measured: &Histogram) -> ActiveModel {
    ActiveModel {
        process: Set(process.to_owned()),
        system: Set(system.clone()),
        path: Set(path.clone()),
        hour: Set(*hour),
        requests: Set(measured.count.cast_signed()),
        failed: Set(measured.failed.cast_signed()),
        bytes: Set(measured.bytes.cast_signed()),
        microseconds: Set(measured.microseconds.cast_signed()),
        buckets: Set(json!(measured.buckets)),
        ..Default::default()
    }
}

/// What all processes measured in the last day, at a system or at all of them.
///
/// # Errors
/// The database is out of reach.
pub async fn read(hub: &Hub, system: Option<&str>) -> Result<Vec<(Endpoint, Histogram)>, DbErr> {
    let mut found = Entity::find().filter(Column::Hour.gt(hour_of(hub.clock.now()) - HOURS));
    if let Some(system) = system {
        found = found.filter(Column::System.eq(system));
    }
    Ok(found.all(&hub.database.read).await?.into_iter().map(measured).collect())
}

fn measured(row: Model) -> (Endpoint, Histogram) {
    let histogram = Histogram {
        count: row.requests.cast_unsigned(),
        failed: row.failed.cast_unsigned(),
        bytes: row.bytes.cast_unsigned(),
        microseconds: row.microseconds.cast_unsigned(),
        buckets: serde_json::from_value(row.buckets).unwrap_or_default(),
    };
    ((row.system, row.path, row.hour), histogram)
}
