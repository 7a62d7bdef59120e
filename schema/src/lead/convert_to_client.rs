//! The mutation convertLeadToClient.

use futures_util::future::BoxFuture;
use groupgraph_entities::{client, client_owner, contact, lead};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, Set,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use super::{close, rules};
use crate::{
    compare,
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload},
};

/// Makes a client with a primary contact of an open lead, and closes the lead.
pub(super) fn convert_lead_to_client<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let lead = call.required(&transaction, "lead", "Lead").await?;
        let client = convert(call, &transaction, lead).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("lead", lead).row("client", client))
    })
}

/// Returns the number of the new client.
pub(super) async fn convert(call: &Call<'_>, transaction: &DatabaseTransaction, number: i64) -> Result<i64, Failure> {
    let lead = close::close(call, transaction, number).await?;
    if let Some(email) = &lead.email {
        let taken = contact::Entity::find()
            .filter(contact::Column::TenantId.eq(lead.tenant_id))
            .filter(Expr::expr(Func::lower(Expr::col(contact::Column::Email))).eq(email.to_lowercase()))
            .filter(contact::Column::DeletedAt.is_null())
            .one(transaction)
            .await?;
        if let Some(contact) = taken {
            return Err(close::duplicate_email("Contact", contact.id));
        }
    }
    let client = insert_client(call, transaction, &lead).await?;
    let contact = insert_contact(call, transaction, &lead, client).await?;
    close::link(transaction, number, lead::Column::ClientId, client).await?;
    call.changed(ChangeKind::Created, "Client", client);
    call.changed(ChangeKind::Created, "Contact", contact);
    Ok(client)
}

async fn insert_client(call: &Call<'_>, transaction: &DatabaseTransaction, lead: &lead::Model) -> Result<i64, Failure> {
    let company = lead.company_name.clone().filter(|name| !name.trim().is_empty());
    let owner = lead.owner_id.or(call.viewer.staff);
    let name = company.unwrap_or_else(|| lead.name.clone());
    let row = client::ActiveModel {
        tenant_id: Set(lead.tenant_id),
        uuid: Set(Uuid::new_v4().to_string()),
        kind: Set("ACCOUNT".to_owned()),
        name_key: Set(Some(compare::key(&name))),
        name: Set(name),
        email: Set(lead.email.clone()),
        phone: Set(lead.phone.clone()),
        phone_raw: Set(lead.phone_raw.clone()),
        address_country_id: Set(lead.country_id),
        owner_id: Set(owner),
        lead_id: Set(Some(lead.id)),
        custom_fields: Set(lead.custom_fields.clone()),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    let client = row.insert(transaction).await?.id;
    if let Some(owner) = owner {
        client_owner::ActiveModel { client_id: Set(client), staff_id: Set(owner) }.insert(transaction).await?;
    }
    Ok(client)
}

async fn insert_contact(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    lead: &lead::Model,
    client: i64,
) -> Result<i64, Failure> {
    let parts = [lead.given_name.as_deref(), lead.middle_name.as_deref(), lead.family_name.as_deref()];
    let row = contact::ActiveModel {
        tenant_id: Set(lead.tenant_id),
        client_id: Set(Some(client)),
        name: Set(rules::person(parts).unwrap_or_else(|| lead.name.clone())),
        given_name: Set(rules::person([parts[0], parts[1], None])),
        family_name: Set(lead.family_name.clone()),
        job_title: Set(lead.job_title.clone()),
        email: Set(lead.email.clone()),
        phone: Set(lead.phone.clone()),
        phone_raw: Set(lead.phone_raw.clone()),
        is_primary: Set(true),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    Ok(row.insert(transaction).await?.id)
}
