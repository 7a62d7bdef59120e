//! The mutations suspendSource, resumeSource, probeSource and removeSource.

use futures_util::future::BoxFuture;
use groupgraph_entities::source;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::{
    change::{finish, named, unreachable},
    check, mappings,
};
use crate::{
    engine::id,
    error::Code,
    federation::registry::endpoint,
    verb::{Call, Outcome, Payload, fault},
};

/// Stops asking a source. Doing it twice is no failure.
pub(super) fn suspend_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let mut row = named(call).await?.into_active_model();
        row.state = Set("SUSPENDED".into());
        row.updated_at = Set(call.now());
        let transaction = call.begin().await?;
        let id = row.update(&transaction).await?.id;
        finish(call, transaction, id).await?;
        Ok(Payload::new().row("source", id))
    })
}

/// Asks a suspended or failed source again, if its check allows it.
pub(super) fn resume_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let mut row = named(call).await?;
        if row.state == "ACTIVE" {
            return Err(fault(Code::WrongState, "source", "The source is not stopped."));
        }
        row.state = "ACTIVE".into();
        checked(call, row).await
    })
}

/// Checks a source now; a suspended one stays suspended.
pub(super) fn probe_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move { checked(call, named(call).await?).await })
}

/// Removes a source and its credential.
pub(super) fn remove_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let row = named(call).await?;
        let transaction = call.begin().await?;
        source::Entity::delete_by_id(row.id).exec(&transaction).await?;
        call.deleted("Source", row.id, Some(row.tenant_id));
        call.commit(transaction).await?;
        call.hub.federation.reload(&call.hub.database, &call.hub.sealing).await?;
        Ok(Payload::new().plain("deletedId", id::encode("Source", call.hub.instance, row.id)))
    })
}

async fn checked(call: &Call<'_>, row: source::Model) -> Outcome {
    let endpoint = endpoint(&row, &call.hub.sealing).ok_or_else(unreachable)?;
    let dialect = mappings::dialect(&call.hub.database.read, &row).await?;
    let check = check::run(call.hub, call.viewer, &endpoint, &dialect).await?;
    let transaction = call.begin().await?;
    let state = Set(row.state.clone());
    let id = row.id;
    let row = source::ActiveModel { id: Set(id), state, ..Default::default() }.update(&transaction).await?;
    check::store(&transaction, row, &check, call.now()).await?;
    finish(call, transaction, id).await?;
    Ok(Payload::new().row("source", id).plain("check", check::show(&check, call.now())))
}
