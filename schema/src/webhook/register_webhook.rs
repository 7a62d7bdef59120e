//! The mutation registerWebhook.

use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
};
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

/// Bytes of a secret that is any text.
const LONGEST_SECRET: usize = 200;

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
        let tenant = tenant(call, &transaction).await?;
        refuse_known(call, &transaction, tenant, &url).await?;
        let made = given.is_none().then(secret::make);
        let secret = given.as_deref().or(made.as_deref()).unwrap_or_default();
        let now = call.now();
        let row = webhook::ActiveModel {
            tenant_id: Set(tenant),
            url: Set(url),
            events: Set(json!(events)),
            is_active: Set(members::flag(call.input, "isActive").unwrap_or(true)),
            secret_sealed: Set(secret::seal(call.hub, secret)),
            retry_after_seconds: waits,
            dialect: Set(call.text("dialect").unwrap_or("STANDARD").to_owned()),
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

fn given_secret(call: &Call<'_>) -> Result<Option<String>, Failure> {
    if let Some(text) = call.text("plainSecret") {
        if text.is_empty() || text.len() > LONGEST_SECRET {
            let message = format!("A secret has 1 to {LONGEST_SECRET} bytes.");
            return Err(fault(Code::Invalid, "plainSecret", message));
        }
        return Ok(Some(secret::plain(text)));
    }
    match call.text("secret") {
        Some(secret) if !secret::is_valid(secret) => {
            let message = "A secret is \"whsec_\" and 24 to 64 random bytes in Base64.";
            Err(fault(Code::Invalid, "secret", message))
        }
        given => Ok(given.map(str::to_owned)),
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

/// Some programs take an address that they registered before for a mistake.
async fn refuse_known(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    tenant: Option<i64>,
    url: &str,
) -> Result<(), Failure> {
    if members::flag(call.input, "mustBeNew") != Some(true) {
        return Ok(());
    }
    let of_company = match tenant {
        Some(tenant) => webhook::Column::TenantId.eq(tenant),
        None => webhook::Column::TenantId.is_null(),
    };
    let known = webhook::Entity::find().filter(webhook::Column::Url.eq(url)).filter(of_company);
    if known.count(transaction).await? > 0 {
        return Err(fault(Code::Conflict, "url", "The address is registered already."));
    }
    Ok(())
}

async fn refuse_many(call: &Call<'_>, transaction: &DatabaseTransaction) -> Result<(), Failure> {
    let most = call.hub.settings.webhooks.max_endpoints;
    if webhook::Entity::find().count(transaction).await? >= most {
        return Err(fault(Code::TooLarge, "", format!("There are {most} endpoints already; remove one first.")));
    }
    Ok(())
}
