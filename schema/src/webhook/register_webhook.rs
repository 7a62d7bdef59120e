//! The mutation registerWebhook.

use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{TYPE, endpoint, secret};
use crate::{
    company,
    error::Code,
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
    viewer::Reach,
};

/// Registers an endpoint. A secret that is made here is shown this once.
pub(super) fn register_webhook<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let events =
            endpoint::events(call)?.ok_or_else(|| fault(Code::Required, "events", "Name at least one event."))?;
        let waits = endpoint::own_waits(call)?;
        let given = given_secret(call)?;
        let url = endpoint::url(call).await?.ok_or_else(|| fault(Code::Required, "url", "Give the address."))?;
        let transaction = call.begin().await?;
        refuse_many(call, &transaction).await?;
        let made = given.is_none().then(secret::make);
        let secret = given.or(made.as_deref()).unwrap_or_default();
        let now = call.now();
        let row = webhook::ActiveModel {
            tenant_id: Set(tenant(call, &transaction).await?),
            url: Set(url),
            events: Set(json!(events)),
            is_active: Set(members::flag(call.input, "isActive").unwrap_or(true)),
            secret_sealed: Set(secret::seal(call.hub, secret)),
            retry_after_seconds: waits,
            created_by_id: Set(call.viewer.staff),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let number = row.insert(&transaction).await?.id;
        call.changed(ChangeKind::Created, TYPE, number);
        call.commit(transaction).await?;
        let payload = Payload::new().row("webhook", number);
        Ok(match made {
            Some(secret) => payload.plain("secret", secret),
            None => payload,
        })
    })
}

fn given_secret<'a>(call: &'a Call<'a>) -> Result<Option<&'a str>, Failure> {
    match call.text("secret") {
        Some(secret) if !secret::is_valid(secret) => {
            let message = "A secret is \"whsec_\" and 24 to 64 random bytes in Base64.";
            Err(fault(Code::Invalid, "secret", message))
        }
        given => Ok(given),
    }
}

/// The whole group is only for whoever reaches it.
async fn tenant(call: &Call<'_>, transaction: &DatabaseTransaction) -> Result<Option<i64>, Failure> {
    if let Some(tenant) = call.reference(transaction, "tenant", "Tenant").await? {
        return Ok(Some(tenant));
    }
    match call.viewer.tenants {
        Reach::All => Ok(None),
        Reach::Some(_) => company::own(call.hub, call.viewer).map(Some),
    }
}

async fn refuse_many(call: &Call<'_>, transaction: &DatabaseTransaction) -> Result<(), Failure> {
    let most = call.hub.settings.webhooks.max_endpoints;
    if webhook::Entity::find().count(transaction).await? >= most {
        return Err(fault(Code::TooLarge, "", format!("There are {most} endpoints already; remove one first.")));
    }
    Ok(())
}
