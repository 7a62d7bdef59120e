//! Payslips as rows: found by person and month, and their links.

use chrono::TimeDelta;
use groupgraph_entities::payslip;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::month::PayMonth;
use crate::{error::Error, hub::Hub};

/// Type of the rows.
pub(super) const TYPE: &str = "Payslip";

/// The computed fields of a payslip: its address, for a short while, and whether the company has it.
///
/// # Errors
/// The database is out of reach.
pub async fn links(hub: &Hub, number: i64) -> Result<Value, Error> {
    let Some(row) = payslip::Entity::find_by_id(number).one(&hub.database.read).await? else { return Ok(Value::Null) };
    let life = TimeDelta::minutes(hub.settings.files.link_minutes.into());
    let url = match (row.link, row.file_id) {
        (Some(link), _) => Some(link),
        (None, Some(file)) => Some(link(hub, file, life)),
        (None, None) => None,
    };
    Ok(json!({ "url": url, "isSynced": row.synced_at.is_some() }))
}

/// The whole address of a file, good for so long.
#[must_use]
pub(super) fn link(hub: &Hub, file: i64, life: TimeDelta) -> String {
    format!("{}{}", hub.settings.public_url, hub.files.link(file, hub.clock.now() + life))
}

/// The payslip of a person for a month, kept from others until the transaction ends.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn find(
    transaction: &DatabaseTransaction,
    tenant: i64,
    month: PayMonth,
) -> Result<Option<payslip::Model>, DbErr> {
    payslip::Entity::find()
        .filter(payslip::Column::TenantId.eq(tenant))
        .filter(payslip::Column::RemoteStaffNumber.eq(month.staff))
        .filter(payslip::Column::Year.eq(month.year))
        .filter(payslip::Column::Month.eq(month.month))
        .lock_exclusive()
        .one(transaction)
        .await
}
