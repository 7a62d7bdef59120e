//! News of new prospects for the service that writes to them: a row of the outbox in the transaction that makes the
//! prospect, so that it leaves after the commit and does not get lost. Clients and partners are no news.

use groupgraph_entities::{delivery, prospect};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    delivery::{Fault, Kind, parcel},
    error::Error,
    events::ChangeKind,
    hub::Hub,
    verb::Call,
};

/// Kind of prospects that are announced.
const NEWS: &str = "PROSPECT";
/// Whom it goes to, in the outbox.
const TARGET: &str = "announcements";

/// What a delivery carries: what is told is read when it is sent.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    prospect: i64,
}

/// Puts the news of a new prospect into the outbox, if somebody is to be told.
///
/// # Errors
/// The database refused.
pub async fn announce(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (number, tenant, kind): (i64, i64, &str),
) -> Result<(), DbErr> {
    if kind != NEWS || !call.hub.outside.announcements.is_there() {
        return Ok(());
    }
    let row = delivery::ActiveModel {
        tenant_id: Set(Some(tenant)),
        subject_type: Set(Some("Prospect".to_owned())),
        subject_id: Set(Some(number)),
        created_by_id: Set(call.viewer.staff),
        ..parcel::parcel(call.hub, Kind::Announcement, TARGET.to_owned(), &Content { prospect: number })
    };
    let id = row.insert(tx).await?.id;
    call.changed(ChangeKind::Created, crate::delivery::TYPE, id);
    Ok(())
}

/// Tells of the prospect as it is now, under the key of the delivery.
///
/// # Errors
/// The prospect is gone, or the service refused or did not answer.
pub async fn send(hub: &Hub, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let Content { prospect: number } = parcel::open(hub, row)?;
    let found = prospect::Entity::find_by_id(number).one(&hub.database.read).await.map_err(Error::from)?;
    let gone = || Fault::new("REMOVED", "The prospect is gone.").for_good();
    let found = found.filter(|found| found.deleted_at.is_none()).ok_or_else(gone)?;
    let news = json!({
        "type": "prospect.created",
        "id": found.id,
        "name": found.contact_name,
        "company": found.company_name,
        "email": found.email,
        "phone": found.phone,
        "created_by": found.owner_id,
        "created_at": crate::engine::write::rfc3339(found.created_at),
    });
    hub.outside.announcements.take(&row.idempotency_key, news).await.map(Some)
}
