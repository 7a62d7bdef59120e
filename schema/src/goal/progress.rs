//! How far goals are, as the schema shows it.

use groupgraph_entities::goal::{Column, Entity, Model};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::achieved;
use crate::{error::Error, hub::Hub};

/// The computed fields of a goal: `achieved` units, and `percent` of the target with one decimal.
///
/// # Errors
/// The database is out of reach.
pub async fn progress(hub: &Hub, number: i64) -> Result<Value, Error> {
    let Some(goal) = Entity::find_by_id(number).one(&hub.database.read).await? else { return Ok(Value::Null) };
    let units = of_goal(hub, &goal).await?;
    // Tenths of a percent are whole numbers that a float holds exactly up to 2^53.
    #[expect(clippy::cast_precision_loss, reason = "a goal of more than 2^53 tenths of a percent is over-fulfilled")]
    let percent = (units.saturating_mul(1000) / i64::from(goal.target).max(1)) as f64 / 10.0;
    Ok(json!({ "achieved": units, "percent": percent }))
}

/// Units that a person achieved on the current goal; 0 without one. Of several current goals it is the latest.
///
/// # Errors
/// The database is out of reach.
pub async fn units_achieved(hub: &Hub, tenant: i64, staff: i64) -> Result<i64, Error> {
    let today = hub.directory.today(hub.clock.now(), Some(tenant));
    let current = Entity::find()
        .filter(Column::StaffId.eq(staff))
        .filter(Column::StartOn.lte(today))
        .filter(Column::EndOn.gte(today))
        .order_by_desc(Column::StartOn)
        .order_by_desc(Column::Id)
        .one(&hub.database.read)
        .await?;
    match current {
        Some(goal) => Ok(of_goal(hub, &goal).await?),
        None => Ok(0),
    }
}

async fn of_goal(hub: &Hub, goal: &Model) -> Result<i64, DbErr> {
    achieved(hub, goal.tenant_id, goal.staff_id, &goal.measure, (goal.start_on, goal.end_on)).await
}
