//! New rows of the outbox. What they carry is sealed: mails hold codes, pay is nobody else's business.

use groupgraph_entities::delivery;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{CANCELLED, Kind, PENDING, TYPE};
use crate::{error::Error, events::ChangeKind, hub::Hub, verb::Call};

/// What contents are sealed for.
pub const PURPOSE: &str = "delivery";

/// A row that is due at once; `target` says whom it goes to. The rest is the caller's to set.
///
/// # Panics
/// Never: what is sent is plain data.
#[must_use]
pub fn parcel(hub: &Hub, kind: Kind, target: String, content: &impl Serialize) -> delivery::ActiveModel {
    let now = hub.clock.now();
    delivery::ActiveModel {
        kind: Set(kind.word().to_owned()),
        status: Set(PENDING.to_owned()),
        target: Set(target),
        idempotency_key: Set(Uuid::now_v7().to_string()),
        payload_sealed: Set(Some(seal(hub, content))),
        next_attempt_at: Set(Some(now)),
        created_at: Set(now),
        ..Default::default()
    }
}

/// Content as it lies in a row.
#[must_use]
pub fn seal(hub: &Hub, content: &impl Serialize) -> String {
    hub.sealing.seal(PURPOSE, &serde_json::to_vec(content).expect("what is sent is plain data"))
}

/// The content of a row.
///
/// # Errors
/// It was sealed with another secret, or is of another kind.
pub fn open<T: DeserializeOwned>(hub: &Hub, row: &delivery::Model) -> Result<T, Error> {
    let sealed = row.payload_sealed.as_deref().unwrap_or_default();
    let content = hub.sealing.open(PURPOSE, sealed).map_err(Error::internal)?;
    serde_json::from_slice(&content).map_err(Error::internal)
}

/// Puts something new into a lane: what waits there and was never tried is replaced, what was tried goes first, now.
///
/// # Errors
/// The database refused.
pub async fn replace<C: ConnectionTrait>(
    call: &Call<'_>,
    db: &C,
    mut parcel: delivery::ActiveModel,
    lane: String,
) -> Result<i64, DbErr> {
    let now = call.now();
    let waiting = delivery::Entity::find()
        .filter(delivery::Column::Lane.eq(lane.as_str()))
        .filter(delivery::Column::Status.eq(PENDING))
        .all(db)
        .await?;
    for row in waiting {
        let is_untried = row.attempt_count == 0 && row.lease.is_none();
        let mut change = delivery::Entity::update_many().filter(delivery::Column::Id.eq(row.id));
        change = if is_untried {
            change
                .filter(delivery::Column::Lease.is_null())
                .col_expr(delivery::Column::Status, Expr::value(CANCELLED))
                .col_expr(delivery::Column::NextAttemptAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
                .col_expr(delivery::Column::LastError, Expr::value("REPLACED: A newer one was sent."))
        } else {
            change
                .filter(delivery::Column::Status.eq(PENDING))
                .col_expr(delivery::Column::NextAttemptAt, Expr::value(now))
        };
        change.exec(db).await?;
        call.changed(ChangeKind::Updated, TYPE, row.id);
    }
    parcel.lane = Set(Some(lane));
    let id = parcel.insert(db).await?.id;
    call.changed(ChangeKind::Created, TYPE, id);
    Ok(id)
}
