//! Sends a row to the instance as a ticket, and keeps the ticket's number.

use groupgraph_entities::{deal, delivery, external_ref, lead};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::{Value, json};

use super::{Content, SYSTEM};
use crate::{
    delivery::{Fault, Runner, parcel},
    error::Error,
    hub::Hub,
};

/// Creates the ticket of a row, or changes the one that it has.
///
/// # Errors
/// The row is gone, or the instance does not answer as it should.
pub async fn send(runner: &Runner, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let hub = &runner.hub;
    let content: Content = parcel::open(hub, row)?;
    let tenant = row.tenant_id.unwrap_or_default();
    let known = external_ref::Entity::find()
        .filter(external_ref::Column::TenantId.eq(tenant))
        .filter(external_ref::Column::System.eq(SYSTEM))
        .filter(external_ref::Column::Entity.eq(content.of.as_str()))
        .filter(external_ref::Column::EntityId.eq(content.number))
        .one(&hub.database.write)
        .await
        .map_err(Error::from)?;
    let mut ticket = ticket(hub, &content).await?;
    if let Some(number) = known.as_ref().and_then(|known| known.external_id.parse::<i64>().ok()) {
        ticket["id"] = number.into();
    }
    let number = runner.halopsa.ticket(&row.target, &row.idempotency_key, &ticket).await?;
    if known.is_none() {
        let reference = external_ref::ActiveModel {
            tenant_id: Set(tenant),
            system: Set(SYSTEM.to_owned()),
            entity: Set(content.of),
            entity_id: Set(content.number),
            external_id: Set(number.to_string()),
            ..Default::default()
        };
        reference.insert(&hub.database.write).await.map_err(Error::from)?;
    }
    Ok(Some(200))
}

async fn ticket(hub: &Hub, content: &Content) -> Result<Value, Fault> {
    let gone = || Fault::new("REMOVED", "The row was removed.").for_good();
    let db = &hub.database.read;
    if content.of == "Deal" {
        let deal = deal::Entity::find_by_id(content.number).one(db).await.map_err(Error::from)?.ok_or_else(gone)?;
        return Ok(json!({
            "summary": deal.title,
            "details": deal.description,
            "oppvalue": deal.value_minor.map(|minor| minor.to_string()),
            "oppcurrency": deal.value_currency,
            "oppcompetitors": deal.competitors,
            "oppchance": deal.probability,
        }));
    }
    let lead = lead::Entity::find_by_id(content.number).one(db).await.map_err(Error::from)?.ok_or_else(gone)?;
    Ok(json!({
        "summary": lead.name,
        "user_name": lead.name,
        "emailaddress": lead.email,
        "phonenumber": lead.phone.or(lead.phone_raw),
        "client_name": lead.company_name,
        "jobtitle": lead.job_title,
        "customfields": lead.custom_fields,
    }))
}
