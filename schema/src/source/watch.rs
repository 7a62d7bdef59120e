//! Checks sources again from time to time: what changed in their schema is found and shown, and a failed one that is
//! back is asked again. Of several replicas one checks each source. It must not know how a check is made.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::source::{Column, Entity, Model};
use rand::RngExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, TransactionTrait, sea_query::Expr};

use super::{check, mappings};
use crate::{
    error::Error,
    events::{Change, ChangeKind},
    federation::registry::endpoint,
    hub::Hub,
    viewer::Viewer,
};

/// How often it is looked whether a source is due.
const LOOK: Duration = Duration::from_secs(30);

/// Keeps the checks of a running instance fresh; never ends.
pub async fn keep_checked(hub: Hub) {
    loop {
        // Replicas that were started together do not look at the same time.
        let wait = LOOK.mul_f64(rand::rng().random_range(0.8..1.2));
        tokio::time::sleep(wait).await;
        if let Err(error) = check_due(&hub).await {
            tracing::error!(%error, "the sources cannot be checked");
        }
    }
}

/// Checks the sources whose last check is too old; answers how many.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn check_due(hub: &Hub) -> Result<usize, Error> {
    let age = TimeDelta::minutes(hub.settings.sources.check_minutes.into());
    let due = Entity::find()
        .filter(Column::Mode.ne("LOCAL"))
        .filter(Column::State.is_in(["ACTIVE", "FAILED"]))
        .filter(Column::CheckedAt.lte(hub.clock.now() - age));
    let mut count = 0;
    for row in due.all(&hub.database.read).await? {
        if claim(hub, &row).await? {
            again(hub, row).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Whether this replica is the one that checks the source now.
async fn claim(hub: &Hub, row: &Model) -> Result<bool, Error> {
    let before: Option<DateTime<Utc>> = row.checked_at;
    let claimed = Entity::update_many()
        .col_expr(Column::CheckedAt, Expr::value(hub.clock.now()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::CheckedAt.eq(before))
        .exec(&hub.database.write)
        .await?;
    Ok(claimed.rows_affected == 1)
}

async fn again(hub: &Hub, row: Model) -> Result<(), Error> {
    let Some(endpoint) = endpoint(&row, &hub.sealing) else { return Ok(()) };
    let dialect = mappings::dialect(&hub.database.read, &row).await?;
    let found = check::run(hub, &Viewer::default(), &endpoint, &dialect).await?;
    let (id, name) = (row.id, row.name.clone());
    let transaction = hub.database.write.begin().await?;
    // It may have been changed or removed meanwhile.
    let Some(row) = Entity::find_by_id(id).one(&transaction).await? else { return Ok(()) };
    check::store(&transaction, row, &found, hub.clock.now()).await?;
    transaction.commit().await?;
    tracing::info!(source = name, accepted = found.is_accepted, "a source was checked again");
    hub.federation.reload(&hub.database, &hub.sealing).await?;
    hub.events.publish(Change { kind: ChangeKind::Updated, of: "Source".into(), number: id, tenant: None });
    Ok(())
}
