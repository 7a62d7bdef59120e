//! Endpoints as rows: values of inputs checked, and what attempts say about them.

use std::time::Duration;

use async_graphql::Value;
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::{delivery, webhook};
use reqwest::dns::Resolve;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{self, Set},
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use super::event;
use crate::{
    delivery::{FAILED, Fault, PENDING},
    engine::MODEL,
    error::{Code, Error},
    federation::address::{AddressRules, CheckedResolver, refusal},
    hub::Hub,
    members,
    verb::{Call, Failure, fault},
};

const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_URL: usize = 2_048;
const MOST_WAITS: usize = 20;
const LONGEST_WAIT: i64 = 86_400;

/// Which addresses endpoints may have.
#[must_use]
pub(super) fn rules(hub: &Hub) -> AddressRules {
    let settings = &hub.settings.webhooks;
    AddressRules { allowed_hosts: settings.allowed_hosts.clone(), allows_private: settings.allow_private_addresses }
}

/// The endpoint that the input names.
///
/// # Errors
/// `NOT_FOUND`, or the database is out of reach.
pub(super) async fn named(call: &Call<'_>, transaction: &DatabaseTransaction) -> Result<webhook::Model, Failure> {
    let number = call.required(transaction, "webhook", super::TYPE).await?;
    let row = webhook::Entity::find_by_id(number).one(transaction).await?;
    row.ok_or_else(|| Error::internal("the named endpoint is gone").into())
}

/// The address in the input; none if it is not given. Names that lead to private addresses are refused here already,
/// and again at each connect.
///
/// # Errors
/// `INVALID` on `url`.
pub(super) async fn url(call: &Call<'_>) -> Result<Option<String>, Failure> {
    let Some(address) = members::words(call.input, "url") else { return Ok(None) };
    let refused = |message: String| fault(Code::Invalid, "url", message);
    let rules = rules(call.hub);
    let url = rules.check(address).map_err(|wrong| refused(wrong.to_string()))?;
    if url.as_str().len() > LONGEST_URL {
        return Err(refused(format!("An address has at most {LONGEST_URL} characters.")));
    }
    if let Some(Ok(name)) = url.domain().map(str::parse)
        && let Ok(Err(error)) = tokio::time::timeout(RESOLVE_TIMEOUT, CheckedResolver(rules).resolve(name)).await
        && let Some(wrong) = refusal(error.as_ref())
    {
        return Err(refused(wrong.to_string()));
    }
    Ok(Some(url.into()))
}

/// The events in the input, each once; none if they are not given.
///
/// # Errors
/// `REQUIRED` or `FORBIDDEN` on `events`.
pub(super) fn events(call: &Call<'_>) -> Result<Option<Vec<&'static str>>, Failure> {
    let Some(given) = members::list(call.input, "events") else { return Ok(None) };
    let mut words: Vec<&str> = Vec::new();
    for word in given {
        let Value::Enum(word) = word else { continue };
        let event = event::by_word(word).ok_or_else(|| Error::internal("an event without a row"))?;
        if !words.contains(&event.word) {
            words.push(event.word);
        }
    }
    if words.is_empty() {
        return Err(fault(Code::Required, "events", "Name at least one event."));
    }
    may_hear(call, &words, "events")?;
    Ok(Some(words))
}

/// Refuses events of rows that the caller may not all read: else an endpoint would be a way around the rights.
///
/// # Errors
/// `FORBIDDEN` on `field`.
pub(super) fn may_hear(call: &Call<'_>, words: &[&str], field: &str) -> Result<(), Failure> {
    for event in words.iter().filter_map(|word| event::by_word(word)) {
        let Some((_, table)) = MODEL.rows(event.of) else { continue };
        let may = |word: &String| call.viewer.may(word);
        let may_read = table.read.is_empty() || table.read.iter().any(may);
        if !may_read || !table.unless.iter().all(may) {
            let needed: Vec<&str> = table.read.iter().chain(&table.unless).map(String::as_str).collect();
            let message = format!("To be told of {} you need {}.", event.word, needed.join(" and "));
            return Err(fault(Code::Forbidden, field, message));
        }
    }
    Ok(())
}

/// The column of the waits in the input; null if they are those of the instance.
///
/// # Errors
/// `INVALID` on `retryAfterSeconds`.
pub(super) fn own_waits(call: &Call<'_>) -> Result<ActiveValue<Option<serde_json::Value>>, Failure> {
    let wrong = || {
        let message = format!("There are at most {MOST_WAITS} waits of 1 to {LONGEST_WAIT} seconds.");
        fault(Code::Invalid, "retryAfterSeconds", message)
    };
    match call.member("retryAfterSeconds") {
        None => Ok(ActiveValue::NotSet),
        Some(Value::Null) => Ok(Set(None)),
        Some(Value::List(given)) => {
            let wait = |value: &Value| match value {
                Value::Number(number) => number.as_i64().filter(|wait| (1..=LONGEST_WAIT).contains(wait)),
                _ => None,
            };
            let waits: Option<Vec<i64>> = given.iter().map(wait).collect();
            let waits = waits.filter(|waits| waits.len() <= MOST_WAITS).ok_or_else(wrong)?;
            Ok(Set(Some(json!(waits))))
        }
        Some(_) => Err(wrong()),
    }
}

/// The waits of an endpoint; none if it has none of its own.
///
/// # Errors
/// The database is out of reach.
pub async fn waits(transaction: &DatabaseTransaction, number: i64) -> Result<Option<Vec<u32>>, DbErr> {
    let row = webhook::Entity::find_by_id(number).one(transaction).await?;
    Ok(row.and_then(|row| row.retry_after_seconds).and_then(|waits| serde_json::from_value(waits).ok()))
}

/// An endpoint has answered well: its failures are forgotten.
///
/// # Errors
/// The database refused.
pub async fn succeeded(transaction: &DatabaseTransaction, number: i64) -> Result<(), DbErr> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::FailingSince, Expr::value(None::<DateTime<Utc>>))
        .filter(webhook::Column::Id.eq(number))
        .filter(webhook::Column::FailingSince.is_not_null())
        .exec(transaction)
        .await
        .map(drop)
}

/// An endpoint has failed: it is disabled once it has done nothing else for days, or if it says that it is gone.
///
/// # Errors
/// The database refused.
pub async fn failed(hub: &Hub, transaction: &DatabaseTransaction, number: i64, why: &Fault) -> Result<(), DbErr> {
    if matches!(why.code, "INTERNAL" | "INACTIVE" | "REMOVED" | "EXPIRED") {
        return Ok(());
    }
    let Some(row) = webhook::Entity::find_by_id(number).one(transaction).await? else { return Ok(()) };
    let now = hub.clock.now();
    let since = row.failing_since.unwrap_or(now);
    let most = TimeDelta::days(hub.settings.webhooks.disable_after_days.into());
    let is_over = row.is_active && (why.code == "GONE" || now - since >= most);
    let mut change = webhook::ActiveModel { id: Set(number), failing_since: Set(Some(since)), ..Default::default() };
    if is_over {
        tracing::warn!(webhook = number, "an endpoint that only fails is disabled");
        change.is_active = Set(false);
        change.disabled_at = Set(Some(now));
    }
    change.update(transaction).await?;
    if is_over { give_up(transaction, number).await } else { Ok(()) }
}

/// What waits for a disabled endpoint waits no longer; it can be replayed.
async fn give_up(transaction: &DatabaseTransaction, number: i64) -> Result<(), DbErr> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::Status, Expr::value(FAILED))
        .col_expr(delivery::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(delivery::Column::LastError, Expr::value("DISABLED: The endpoint was disabled after failures."))
        .filter(delivery::Column::WebhookId.eq(number))
        .filter(delivery::Column::Status.eq(PENDING))
        .exec(transaction)
        .await
        .map(drop)
}
