//! Records that are too old, and questions that nobody finished.

use std::time::Duration;

use chrono::TimeDelta;
use groupgraph_entities::identity_check::{Column, Entity};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::question::{self, PENDING};
use crate::hub::Hub;

const INTERVAL: Duration = Duration::from_mins(1);
/// Far longer than one call may take.
const ABANDONED: TimeDelta = TimeDelta::minutes(15);

/// Never ends.
pub async fn keep(hub: Hub) {
    loop {
        if let Err(error) = keep_once(&hub).await {
            tracing::error!(%error, "records of persons are not kept in order");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Forgets expired records, removes old rows, and pays back what was never answered.
///
/// # Errors
/// The database failed.
pub async fn keep_once(hub: &Hub) -> Result<(), DbErr> {
    let (now, db) = (hub.clock.now(), &hub.database.write);
    Entity::update_many()
        .col_expr(Column::ResultSealed, Expr::value(None::<String>))
        .filter(Column::ResultSealed.is_not_null())
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    let old = now - TimeDelta::days(hub.settings.verification.keep_days.into());
    Entity::delete_many().filter(Column::CreatedAt.lt(old)).filter(Column::Status.ne(PENDING)).exec(db).await?;
    let abandoned = Entity::find().filter(Column::Status.eq(PENDING)).filter(Column::CreatedAt.lt(now - ABANDONED));
    for check in abandoned.all(db).await? {
        question::fail(hub, &check).await?;
    }
    Ok(())
}
