//! The mutation registerSource: a subsidiary that holds an enrolment token becomes a source.

use std::time::Duration;

use futures_util::future::BoxFuture;
use groupgraph_entities::{source, tenant};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use serde_json::json;

use super::{check, enrolment, mappings, values};
use crate::{
    error::Code,
    events::ChangeKind,
    federation::{
        handshake::Dialect,
        registry::{CREDENTIAL_PURPOSE, Endpoint},
    },
    settings::Secret,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Registers a source. The token is used up only if the server can be one, so that a mistake can be mended.
pub(super) fn register_source<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let row = draft(call)?;
        let dialect = mappings::given(call)?.map_or(Dialect::Native, Dialect::Mapped);
        let token = call.text("token").unwrap_or_default();
        let token = enrolment::find(&call.hub.database.read, token, call.now()).await?.ok_or_else(expired)?;
        refuse_second(call, token.tenant_id).await?;
        let endpoint = endpoint(&row, values::credential(call)?);
        let check = check::run(call.hub, call.viewer, &endpoint, &dialect).await?;
        if !check.is_accepted {
            return Err(fault(Code::UpstreamFailed, "endpoint", check::reason(&check)));
        }
        let now = call.now();
        let transaction = call.begin().await?;
        if !enrolment::burn(&transaction, token.id, now).await? {
            return Err(expired());
        }
        let source = insert(&transaction, spoken_to(row, &dialect), token.tenant_id).await?;
        let id = source.id;
        check::store(&transaction, source, &check, now).await?;
        call.changed(ChangeKind::Created, "Source", id);
        call.commit(transaction).await?;
        call.hub.federation.reload(&call.hub.database, &call.hub.sealing).await?;
        Ok(Payload::new().row("source", id).plain("check", check::show(&check, now)))
    })
}

fn expired() -> Failure {
    fault(Code::Expired, "token", "The token is unknown, too old or used up.")
}

/// The row without its company.
fn draft(call: &Call<'_>) -> Result<source::ActiveModel, Failure> {
    let rules = call.hub.federation.address_rules();
    let endpoint =
        values::endpoint(call, rules)?.ok_or_else(|| fault(Code::Required, "endpoint", "Give the address."))?;
    let limits = values::Limits::read(call)?;
    let settings = &call.hub.settings.sources;
    let sealed = call.hub.sealing.seal(CREDENTIAL_PURPOSE, values::credential(call)?.as_bytes());
    let now = call.now();
    let mut row = source::ActiveModel {
        endpoint: Set(Some(endpoint)),
        mode: Set("NATIVE".into()),
        state: Set("PENDING".into()),
        credential_sealed: Set(Some(sealed)),
        instance: Set(call.text("instance").map(str::to_owned)),
        timeout_ms: Set(limits.timeout_ms.unwrap_or(i32::try_from(settings.deadline_ms).unwrap_or(i32::MAX))),
        max_answer_bytes: Set(limits
            .max_answer_bytes
            .unwrap_or(i64::try_from(settings.max_answer_bytes).unwrap_or(i64::MAX))),
        max_concurrency: Set(limits
            .max_concurrency
            .unwrap_or(i32::try_from(settings.max_concurrency).unwrap_or(i32::MAX))),
        cache_seconds: Set(limits.cache_seconds.unwrap_or(0)),
        drifted_fields: Set(json!([])),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    values::set(&mut row.name, values::name(call)?);
    Ok(row)
}

/// A source with a schema of its own has no ids of ours: the hub makes them.
fn spoken_to(mut row: source::ActiveModel, dialect: &Dialect) -> source::ActiveModel {
    if let Dialect::Mapped(_) = dialect {
        row.mode = Set("MAPPED".into());
        row.instance = Set(Some(uuid::Uuid::new_v4().to_string()));
    }
    row
}

fn endpoint(row: &source::ActiveModel, credential: &str) -> Endpoint {
    Endpoint {
        url: row.endpoint.as_ref().clone().unwrap_or_default(),
        credential: Secret::new(credential),
        timeout: Duration::from_millis(u64::try_from(*row.timeout_ms.as_ref()).unwrap_or(0)),
        max_answer_bytes: usize::try_from(*row.max_answer_bytes.as_ref()).unwrap_or(0),
        cache: Duration::ZERO,
    }
}

async fn refuse_second(call: &Call<'_>, tenant: i64) -> Result<(), Failure> {
    let of_tenant = source::Entity::find().filter(source::Column::TenantId.eq(tenant));
    match of_tenant.one(&call.hub.database.read).await? {
        Some(_) => Err(fault(Code::Conflict, "", "The company has a source already; remove it first.")),
        None => Ok(()),
    }
}

async fn insert(
    transaction: &DatabaseTransaction,
    mut row: source::ActiveModel,
    tenant: i64,
) -> Result<source::Model, DbErr> {
    row.tenant_id = Set(tenant);
    if row.name.is_not_set() {
        let company = tenant::Entity::find_by_id(tenant).one(transaction).await?;
        row.name = Set(company.map_or_else(|| format!("Company {tenant}"), |company| company.name));
    }
    row.insert(transaction).await
}
