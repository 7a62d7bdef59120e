//! Writes down how an attempt went: the attempt, the state that follows, and what else follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use groupgraph_entities::{delivery, delivery_attempt, payslip};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    TransactionTrait, sea_query::Expr,
};

use super::{DELIVERED, FAILED, Fault, Kind, PENDING, TYPE, attempt::Sent, schedule};
use crate::{
    error_log::{self, Entry},
    events::{Change, ChangeKind},
    hub::Hub,
    record::recognition,
    webhook,
};

const NEVER: Option<DateTime<Utc>> = None;

/// When an attempt began, and how long it took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub started_at: DateTime<Utc>,
    pub took: Duration,
}

/// Writes down one attempt, in one transaction.
///
/// # Errors
/// The database refused; the delivery is then taken up again when its lease has run out, under the same key.
pub async fn record(hub: &Hub, row: &delivery::Model, timing: Timing, sent: &Sent) -> Result<(), DbErr> {
    let transaction = hub.database.write.begin().await?;
    // The endpoint or entry may be gone, and the delivery with it.
    if delivery::Entity::find_by_id(row.id).one(&transaction).await?.is_none() {
        return Ok(());
    }
    insert(&transaction, row.id, timing, sent).await?;
    let mut changes = vec![Change::of(ChangeKind::Updated, TYPE, row.id)];
    match sent {
        Ok(_) => succeed(hub, &transaction, row).await?,
        Err(fault) => changes.extend(fail(hub, &transaction, row, fault).await?),
    }
    if let (Some(number), true) = (row.payslip_id, sent.is_ok()) {
        changes.push(Change::of(ChangeKind::Updated, "Payslip", number));
    }
    hub.events.commit(transaction, changes).await
}

async fn insert(transaction: &DatabaseTransaction, id: i64, timing: Timing, sent: &Sent) -> Result<(), DbErr> {
    let status = match sent {
        Ok(status) => *status,
        Err(fault) => fault.status,
    };
    let attempt = delivery_attempt::ActiveModel {
        delivery_id: Set(id),
        started_at: Set(timing.started_at),
        took_ms: Set(i32::try_from(timing.took.as_millis()).unwrap_or(i32::MAX)),
        status_code: Set(status.map(i32::from)),
        error: Set(sent.as_ref().err().map(ToString::to_string)),
        ..Default::default()
    };
    attempt.insert(transaction).await.map(drop)
}

/// It has arrived, whatever was decided meanwhile.
async fn succeed(hub: &Hub, transaction: &DatabaseTransaction, row: &delivery::Model) -> Result<(), DbErr> {
    let now = hub.clock.now();
    delivery::Entity::update_many()
        .col_expr(delivery::Column::Status, Expr::value(DELIVERED))
        .col_expr(delivery::Column::DeliveredAt, Expr::value(now))
        .col_expr(delivery::Column::AttemptCount, Expr::value(row.attempt_count + 1))
        .col_expr(delivery::Column::NextAttemptAt, Expr::value(NEVER))
        .col_expr(delivery::Column::LastError, Expr::value(None::<String>))
        .col_expr(delivery::Column::Lease, Expr::value(None::<String>))
        .col_expr(delivery::Column::LeasedUntil, Expr::value(NEVER))
        .filter(delivery::Column::Id.eq(row.id))
        .exec(transaction)
        .await?;
    if let Some(payslip) = row.payslip_id {
        let synced = payslip::ActiveModel { id: Set(payslip), synced_at: Set(Some(now)), ..Default::default() };
        synced.update(transaction).await?;
    }
    if let Some(webhook) = row.webhook_id {
        webhook::succeeded(transaction, webhook).await?;
    }
    Ok(())
}

/// Of a delivery that was called back, or that another process has taken up, only the attempt is kept. Answers what
/// else has changed.
async fn fail(
    hub: &Hub,
    transaction: &DatabaseTransaction,
    row: &delivery::Model,
    fault: &Fault,
) -> Result<Vec<Change>, DbErr> {
    let attempts = row.attempt_count + 1;
    let wait = if fault.is_final { None } else { wait(hub, transaction, row, attempts).await? };
    let next = wait.map(|wait| hub.clock.now() + wait.max(fault.retry_after.unwrap_or_default()));
    let done = delivery::Entity::update_many()
        .col_expr(delivery::Column::Status, Expr::value(if next.is_some() { PENDING } else { FAILED }))
        .col_expr(delivery::Column::AttemptCount, Expr::value(attempts))
        .col_expr(delivery::Column::NextAttemptAt, Expr::value(next))
        .col_expr(delivery::Column::LastError, Expr::value(fault.to_string()))
        .col_expr(delivery::Column::Lease, Expr::value(None::<String>))
        .col_expr(delivery::Column::LeasedUntil, Expr::value(NEVER))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Status.eq(PENDING))
        .filter(delivery::Column::Lease.eq(row.lease.clone()))
        .exec(transaction)
        .await?;
    if let (None, Some(tenant)) = (next, row.tenant_id) {
        let message = format!("Delivery {} was given up: {}", row.id, fault.code);
        let source = Some(row.kind.to_lowercase());
        let lead = row.subject_id.filter(|_| row.subject_type.as_deref() == Some("Lead"));
        let code = "UPSTREAM_FAILED";
        let entry = Entry { tenant, level: "ERROR", message: &message, source: source.as_deref(), lead, code };
        error_log::note(hub, transaction, entry).await?;
    }
    if let Some(webhook) = row.webhook_id {
        webhook::failed(hub, transaction, webhook, fault).await?;
    }
    if row.kind == Kind::Recognition.word() && done.rows_affected > 0 {
        return recognition::failed(hub, transaction, row, (fault, next.is_none())).await;
    }
    Ok(Vec::new())
}

/// An endpoint may have waits of its own, and so may a document that is read.
async fn wait(
    hub: &Hub,
    transaction: &DatabaseTransaction,
    row: &delivery::Model,
    attempts: i32,
) -> Result<Option<chrono::TimeDelta>, DbErr> {
    let own = match row.webhook_id {
        Some(webhook) => webhook::waits(transaction, webhook).await?,
        None if row.kind == Kind::Recognition.word() => recognition::waits(hub, row),
        None => None,
    };
    let waits = own.as_ref().unwrap_or(&hub.settings.deliveries.retry_after_seconds);
    Ok(schedule::wait(waits, usize::try_from(attempts).unwrap_or(usize::MAX), rand::random()))
}
