//! The mutations updateSource and rotateSourceCredential.

use futures_util::future::BoxFuture;
use groupgraph_entities::source;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, TryIntoModel};

use super::{check, mappings, values};
use crate::{
    error::{Code, Error},
    events::ChangeKind,
    federation::{
        handshake::Dialect,
        registry::{CREDENTIAL_PURPOSE, endpoint},
    },
    members::given,
    verb::{Call, Failure, Outcome, Payload, fault},
};

const NOT_MAPPED: &str = "It speaks subsidiary.graphql; remove it and register it with mappings.";

/// The row of the source that the input names.
pub(super) async fn named(call: &Call<'_>) -> Result<source::Model, Failure> {
    let id = call.required(&call.hub.database.read, "source", "Source").await?;
    let row = source::Entity::find_by_id(id).one(&call.hub.database.read).await?;
    row.ok_or_else(|| fault(Code::NotFound, "source", "There is no such source."))
}

/// Changes a source and checks it again. At a new address there must be a source.
pub(super) fn update_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let limits = values::Limits::read(call)?;
        let address = values::endpoint(call, call.hub.federation.address_rules())?;
        let name = values::name(call)?;
        let before = named(call).await?;
        let dialect = match mappings::given(call)? {
            Some(_) if before.mode != "MAPPED" => return Err(fault(Code::WrongState, "mappings", NOT_MAPPED)),
            Some(given) => Dialect::Mapped(given),
            None => mappings::dialect(&call.hub.database.read, &before).await?,
        };
        let has_moved = address.is_some() && address != before.endpoint;
        let mut row = before.into_active_model();
        values::set(&mut row.name, name);
        values::set(&mut row.endpoint, address.map(Some));
        values::set(&mut row.timeout_ms, limits.timeout_ms);
        values::set(&mut row.max_answer_bytes, limits.max_answer_bytes);
        values::set(&mut row.max_concurrency, limits.max_concurrency);
        values::set(&mut row.cache_seconds, limits.cache_seconds);
        row.updated_at = Set(call.now());

        let changed = row.clone().try_into_model()?;
        let endpoint = endpoint(&changed, &call.hub.sealing).ok_or_else(unreachable)?;
        let check = check::run(call.hub, call.viewer, &endpoint, &dialect).await?;
        let is_new = has_moved || given(call.input, "mappings").is_some();
        if is_new && !check.is_accepted {
            let member = if has_moved { "endpoint" } else { "mappings" };
            return Err(fault(Code::UpstreamFailed, member, check::reason(&check)));
        }
        let transaction = call.begin().await?;
        let source = row.update(&transaction).await?;
        let id = source.id;
        check::store(&transaction, source, &check, call.now()).await?;
        finish(call, transaction, id).await?;
        Ok(Payload::new().row("source", id).plain("check", check::show(&check, call.now())))
    })
}

/// Replaces the credential. It is not tried out: an old one that leaked must go even while the source is away.
pub(super) fn rotate_source_credential<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let credential = values::credential(call)?;
        let mut row = named(call).await?.into_active_model();
        row.credential_sealed = Set(Some(call.hub.sealing.seal(CREDENTIAL_PURPOSE, credential.as_bytes())));
        row.updated_at = Set(call.now());
        let transaction = call.begin().await?;
        let id = row.update(&transaction).await?.id;
        finish(call, transaction, id).await?;
        Ok(Payload::new().row("source", id))
    })
}

/// Commits, and lets this process know at once.
pub(super) async fn finish(call: &Call<'_>, transaction: sea_orm::DatabaseTransaction, id: i64) -> Result<(), Error> {
    call.changed(ChangeKind::Updated, "Source", id);
    call.commit(transaction).await?;
    Ok(call.hub.federation.reload(&call.hub.database, &call.hub.sealing).await?)
}

pub(super) fn unreachable() -> Failure {
    fault(Code::WrongState, "source", "The address or the credential of the source is not known; set it anew.")
}
