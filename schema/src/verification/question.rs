//! The way of a question: audited, answered from what is kept, or paid in advance, asked, and kept or paid back. Money
//! is taken before anything is asked; a process that dies in between leaves a pending row that housekeeping pays back.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use chrono::TimeDelta;
use groupgraph_entities::identity_check::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::Value;
use tokio::time::Instant;

use super::{kind::Kind, record, wallet};
use crate::{
    amount::Amount,
    audit, company,
    error::{Code, Error, UserError},
    hub::Hub,
    verb::Failure,
    viewer::Viewer,
};

/// Sealing purpose of what is kept.
pub const PURPOSE: &str = "identity records";
/// Purpose under which numbers are keyed.
const KEYED: &str = "identity numbers";

/// Paid for and not yet answered.
pub const PENDING: &str = "PENDING";

/// Who asks, and what for.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub hub: &'a Hub,
    pub viewer: &'a Viewer,
    pub kind: Kind,
    pub purpose: Option<&'a str>,
}

/// What came of one key.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it came from what is kept; none if nothing was asked.
    pub is_cached: Option<bool>,
    pub result: Result<Value, UserError>,
}

/// Looks keys up, one after the other with pauses between live questions; one outcome per key, in order.
///
/// # Errors
/// `INSUFFICIENT_FUNDS`, and nothing was asked; or the database failed.
pub async fn look_up(asking: Asking<'_>, keys: &[&str], pause: Duration) -> Result<Vec<Outcome>, Failure> {
    let hub = asking.hub;
    let who = (hub, asking.viewer);
    audit::note_all(who, &hub.database.write, asking.kind.subject(), keys, asking.purpose).await?;
    let tenant = company::own(hub, asking.viewer)?;
    let until = Instant::now() + Duration::from_secs(hub.settings.verification.bulk_seconds.into());
    let tx = hub.database.begin().await?;
    let mut known = kept(asking, &tx, tenant, keys).await?;
    let mut seen = BTreeSet::new();
    let missing: Vec<&str> =
        keys.iter().copied().filter(|key| !known.contains_key(*key) && seen.insert(*key)).collect();
    let pending = reserve(asking, &tx, tenant, &missing).await?;
    tx.commit().await?;
    for (index, (key, check)) in missing.into_iter().zip(pending).enumerate() {
        if index > 0 && !pause.is_zero() {
            tokio::time::sleep_until((Instant::now() + pause).min(until)).await;
        }
        let outcome = live(asking, key, until).await;
        finish(hub, &check, &outcome).await?;
        known.insert(key.to_owned(), outcome);
    }
    Ok(keys.iter().map(|key| known[*key].clone()).collect())
}

/// What is kept of these keys and still good.
async fn kept(
    asking: Asking<'_>,
    tx: &DatabaseTransaction,
    tenant: i64,
    keys: &[&str],
) -> Result<HashMap<String, Outcome>, Failure> {
    let hub = asking.hub;
    let by_hash: HashMap<String, &str> = keys.iter().map(|key| (hashed(hub, asking.kind.word(), key), *key)).collect();
    let rows = Entity::find()
        .filter(Column::KeyHash.is_in(by_hash.keys().cloned()))
        .filter(Column::Kind.eq(asking.kind.word()))
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::ExpiresAt.gt(hub.clock.now()))
        .filter(Column::ResultSealed.is_not_null())
        .all(tx)
        .await?;
    let mut known = HashMap::new();
    for row in rows {
        let Some(key) = by_hash.get(&row.key_hash) else { continue };
        let opened = hub.sealing.open(PURPOSE, row.result_sealed.as_deref().unwrap_or_default());
        let record = serde_json::from_slice(&opened.map_err(Error::internal)?).map_err(Error::internal)?;
        known.insert((*key).to_owned(), Outcome { is_cached: Some(true), result: Ok(record) });
    }
    Ok(known)
}

/// Pays for all keys at once, and notes each as pending.
async fn reserve(
    asking: Asking<'_>,
    tx: &DatabaseTransaction,
    tenant: i64,
    keys: &[&str],
) -> Result<Vec<Model>, Failure> {
    let hub = asking.hub;
    let mut pending = Vec::with_capacity(keys.len());
    for key in keys {
        let price = price(hub, asking.kind);
        let reason = format!("{} {}", asking.kind.word(), audit::masked(key));
        let has_paid = match asking.viewer.staff {
            Some(staff) => wallet::debit(tx, staff, &price, (&reason, hub.clock.now())).await?,
            None => price.minor == 0,
        };
        if !has_paid {
            return Err(crate::verb::fault(Code::InsufficientFunds, "", "The wallet does not cover this."));
        }
        let who = (tenant, asking.viewer.staff);
        pending.push(row(hub, who, (asking.kind.word(), key), (PENDING, price)).insert(tx).await?);
    }
    Ok(pending)
}

/// A row of what is asked; the key is nowhere in it.
#[must_use]
pub fn row(
    hub: &Hub,
    (tenant, staff): (i64, Option<i64>),
    (kind, key): (&str, &str),
    (status, price): (&str, Amount),
) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(tenant),
        staff_id: Set(staff),
        kind: Set(kind.to_owned()),
        key_hash: Set(hashed(hub, kind, key)),
        masked_key: Set(audit::masked(key)),
        status: Set(status.to_owned()),
        cost_minor: Set(price.minor),
        currency: Set(price.currency),
        created_at: Set(hub.clock.now()),
        ..Default::default()
    }
}

fn price(hub: &Hub, kind: Kind) -> Amount {
    Amount { minor: kind.price(hub), currency: hub.settings.verification.currency.clone() }
}

/// Numbers are few enough to try all, so their hash needs a key.
fn hashed(hub: &Hub, kind: &str, key: &str) -> String {
    hub.sealing.sign(KEYED, format!("{kind}:{key}").as_bytes())
}

/// One live question within what is left of the time.
async fn live(asking: Asking<'_>, key: &str, until: Instant) -> Outcome {
    let failed = |code, message: &str| Err(UserError::new(code, "", message));
    let no_time = || failed(Code::UpstreamFailed, "There was no time left for this one; ask for it again.");
    if Instant::now() >= until {
        return Outcome { is_cached: None, result: no_time() };
    }
    let question = asking.kind.service(asking.hub).ask(asking.kind.question(key));
    let Ok(answer) = tokio::time::timeout_at(until, question).await else {
        return Outcome { is_cached: Some(false), result: no_time() };
    };
    let record = match answer {
        Ok(Some(answer)) if asking.kind == Kind::Account => record::account(&answer).map(Some),
        Ok(Some(answer)) => record::read(answer).map(Some),
        Ok(None) => Ok(None),
        Err(unavailable) => Err(unavailable),
    };
    let result = match record {
        Ok(Some(record)) => Ok(record),
        Ok(None) => failed(Code::NotFound, "No record found."),
        Err(unavailable) => failed(Code::UpstreamFailed, &unavailable.to_string()),
    };
    Outcome { is_cached: Some(false), result }
}

/// Keeps what was found, or pays back.
async fn finish(hub: &Hub, check: &Model, outcome: &Outcome) -> Result<(), DbErr> {
    let Ok(record) = &outcome.result else { return fail(hub, check).await };
    let days = hub.settings.verification.cache_days;
    let sealed = (days > 0).then(|| hub.sealing.seal(PURPOSE, record::storable(record).to_string().as_bytes()));
    let expires_at = (days > 0).then(|| hub.clock.now() + TimeDelta::days(days.into()));
    Entity::update_many()
        .col_expr(Column::Status, Expr::value("FOUND"))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .col_expr(Column::ResultSealed, Expr::value(sealed))
        .filter(Column::Id.eq(check.id))
        .exec(&hub.database.write)
        .await?;
    Ok(())
}

/// Marks a pending question as failed and pays back what it cost, once.
///
/// # Errors
/// The database refused.
pub async fn fail(hub: &Hub, check: &Model) -> Result<(), DbErr> {
    let tx = hub.database.begin().await?;
    let changed = Entity::update_many()
        .col_expr(Column::Status, Expr::value("FAILED"))
        .filter(Column::Id.eq(check.id))
        .filter(Column::Status.eq(PENDING))
        .exec(&tx)
        .await?;
    if let (1, Some(staff), true) = (changed.rows_affected, check.staff_id, check.cost_minor > 0) {
        let amount = Amount { minor: check.cost_minor, currency: check.currency.clone() };
        let reason = format!("Paid back: {} {}", check.kind, check.masked_key);
        wallet::credit(&tx, staff, &amount, (&reason, hub.clock.now())).await?;
    }
    tx.commit().await
}
