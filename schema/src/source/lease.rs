//! The mutation renewSourceLease: a subsidiary says that it is alive.

use chrono::{SecondsFormat, TimeDelta};
use futures_util::future::BoxFuture;
use groupgraph_entities::source;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    error::Code,
    verb::{Call, Outcome, Payload, fault},
};

/// How long a sign of life counts; three may get lost at one every 20 seconds.
const LIFE: TimeDelta = TimeDelta::seconds(80);

/// Renews the lease of the caller's own company. Nobody watches it: replicas read it within their interval.
pub(super) fn renew_source_lease<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let own = source::Column::TenantId.eq(call.viewer.tenant.unwrap_or_default());
        let row = source::Entity::find().filter(own).one(&call.hub.database.read).await?;
        let row = row.ok_or_else(|| fault(Code::NotFound, "", "Your company has no source."))?;
        let (given, known) = (call.text("instance"), row.instance.as_deref());
        if given.zip(known).is_some_and(|(given, known)| !given.eq_ignore_ascii_case(known)) {
            return Err(fault(Code::Conflict, "instance", "Another instance is registered for your company."));
        }
        let expires_at = call.now() + LIFE;
        let transaction = call.begin().await?;
        let lease =
            source::ActiveModel { id: Set(row.id), lease_expires_at: Set(Some(expires_at)), ..Default::default() };
        lease.update(&transaction).await?;
        call.commit(transaction).await?;
        let text = expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        Ok(Payload::new().plain("leaseExpiresAt", text))
    })
}
