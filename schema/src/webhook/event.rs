//! Which changes of rows are events, and who is told: written into the outbox in the transaction of the change.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, SecondsFormat, Utc};
use groupgraph_entities::{delivery, webhook};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, QueryFilter,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    delivery::{FAILED, Kind, TYPE, parcel},
    engine::{
        MODEL,
        sql::{Piece, any},
    },
    events::{Change, ChangeKind},
    hub::Hub,
};

/// An event that endpoints can be told of.
#[derive(Debug)]
pub(super) struct Event {
    /// The value of `WebhookEvent`.
    pub word: &'static str,
    /// GraphQL type of the row.
    pub of: &'static str,
    /// The change that is the event; none if only a verb can say that it happened.
    change: Option<ChangeKind>,
}

const fn event(word: &'static str, of: &'static str, change: Option<ChangeKind>) -> Event {
    Event { word, of, change }
}

/// All of them, in the order of `WebhookEvent`.
pub(super) const EVENTS: &[Event] = &[
    event("LEAD_CREATED", "Lead", Some(ChangeKind::Created)),
    event("LEAD_UPDATED", "Lead", Some(ChangeKind::Updated)),
    event("PROSPECT_CREATED", "Prospect", Some(ChangeKind::Created)),
    event("PROSPECT_QUALIFIED", "Prospect", None),
    event("DEAL_CREATED", "Deal", Some(ChangeKind::Created)),
    event("DEAL_UPDATED", "Deal", Some(ChangeKind::Updated)),
    event("DEAL_WON", "Deal", None),
    event("DEAL_LOST", "Deal", None),
    event("TICKET_CREATED", "Ticket", Some(ChangeKind::Created)),
    event("TICKET_UPDATED", "Ticket", Some(ChangeKind::Updated)),
    event("INVOICE_CREATED", "Invoice", Some(ChangeKind::Created)),
    event("INVOICE_PAID", "Invoice", None),
    event(SOURCE_STATE_CHANGED, "Source", None),
];

pub(super) const SOURCE_STATE_CHANGED: &str = "SOURCE_STATE_CHANGED";

/// What a delivery to an endpoint carries.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    /// Such as `lead.created`.
    #[serde(rename = "type")]
    pub kind: String,
    pub timestamp: DateTime<Utc>,
    /// GraphQL type of the row.
    pub of: String,
    pub number: i64,
    /// The body as it was sent first; it stays the same.
    pub body: Option<String>,
}

/// The event of that word.
#[must_use]
pub(super) fn by_word(word: &str) -> Option<&'static Event> {
    EVENTS.iter().find(|event| event.word == word)
}

/// `LEAD_CREATED` as `lead.created`.
#[must_use]
pub(super) fn dotted(word: &str) -> String {
    word.to_lowercase().replacen('_', ".", 1)
}

/// Puts what endpoints are to be told into the outbox; answers the changes that this makes.
///
/// # Errors
/// The database refused.
pub async fn tell(
    hub: &Hub,
    transaction: &DatabaseTransaction,
    changes: &[Change],
    happened: &[(&'static str, i64)],
) -> Result<Vec<Change>, DbErr> {
    let mut events = Vec::new();
    for change in changes {
        let found = EVENTS.iter().filter(|event| event.of == change.of && event.change == Some(change.kind));
        events.extend(found.map(|event| (event, change.number)));
    }
    // A row that is new has not changed as well.
    let is_new = |of: &str, number: i64| {
        let created =
            |change: &Change| change.kind == ChangeKind::Created && change.of == of && change.number == number;
        changes.iter().any(created)
    };
    events.retain(|(event, number)| event.change != Some(ChangeKind::Updated) || !is_new(event.of, *number));
    events.extend(happened.iter().filter_map(|(word, number)| Some((by_word(word)?, *number))));
    enqueue(hub, transaction, events).await
}

/// The same for events that are known as such.
///
/// # Errors
/// The database refused.
pub(super) async fn enqueue(
    hub: &Hub,
    transaction: &DatabaseTransaction,
    events: Vec<(&'static Event, i64)>,
) -> Result<Vec<Change>, DbErr> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = endpoints(transaction).await?;
    let is_wanted = |event: &Event| endpoints.iter().any(|(_, words)| words.contains(event.word));
    let mut seen = BTreeSet::new();
    let wanted: Vec<_> =
        events.into_iter().filter(|(event, number)| is_wanted(event) && seen.insert((event.word, *number))).collect();
    let tenants = tenants(transaction, &wanted).await?;
    let mut changes = Vec::new();
    for (event, number) in wanted {
        let Some(tenant) = tenants.get(&(event.of, number)) else { continue };
        let hears = |endpoint: &webhook::Model| endpoint.tenant_id.is_none_or(|own| Some(own) == *tenant);
        for (endpoint, _) in endpoints.iter().filter(|(endpoint, words)| words.contains(event.word) && hears(endpoint))
        {
            let content = Content {
                kind: dotted(event.word),
                timestamp: hub.clock.now(),
                of: event.of.to_owned(),
                number,
                body: None,
            };
            let mut row = message(hub, endpoint, &content);
            row.event = Set(Some(event.word.to_owned()));
            let number = row.insert(transaction).await?.id;
            changes.push(Change::of(ChangeKind::Created, TYPE, number));
        }
    }
    Ok(changes)
}

/// A delivery to an endpoint. One that is disabled after failures gets it when it is replayed.
pub(super) fn message(hub: &Hub, endpoint: &webhook::Model, content: &Content) -> delivery::ActiveModel {
    let mut row = parcel::parcel(hub, Kind::Webhook, format!("webhook:{}", endpoint.id), content);
    row.idempotency_key = Set(format!("msg_{}", Uuid::now_v7().simple()));
    row.tenant_id = Set(endpoint.tenant_id);
    row.webhook_id = Set(Some(endpoint.id));
    row.subject_type = Set(Some(content.of.clone()));
    row.subject_id = Set(Some(content.number));
    if endpoint.disabled_at.is_some() {
        row.status = Set(FAILED.to_owned());
        row.next_attempt_at = Set(None);
        row.last_error = Set(Some("DISABLED: The endpoint was disabled after failures.".to_owned()));
    }
    row
}

/// Endpoints that want to be told, with the words of their events.
async fn endpoints(transaction: &DatabaseTransaction) -> Result<Vec<(webhook::Model, BTreeSet<String>)>, DbErr> {
    let wants = Condition::any().add(webhook::Column::IsActive.eq(true)).add(webhook::Column::DisabledAt.is_not_null());
    let rows = webhook::Entity::find().filter(wants).all(transaction).await?;
    let words = |row: &webhook::Model| serde_json::from_value(row.events.clone()).unwrap_or_default();
    Ok(rows.into_iter().map(|row| (words(&row), row)).map(|(words, row)| (row, words)).collect())
}

/// The companies of rows, by type and number.
async fn tenants(
    transaction: &DatabaseTransaction,
    events: &[(&'static Event, i64)],
) -> Result<HashMap<(&'static str, i64), Option<i64>>, DbErr> {
    let mut numbers: HashMap<&'static str, Vec<i64>> = HashMap::new();
    for (event, number) in events {
        numbers.entry(event.of).or_default().push(*number);
    }
    let backend = transaction.get_database_backend();
    let mut tenants = HashMap::new();
    for (of, numbers) in numbers {
        let Some((_, table)) = MODEL.rows(of) else { continue };
        let mut piece = Piece::text(format!("SELECT row.id, row.tenant_id FROM \"{}\" row WHERE ", table.name));
        piece.append(any(backend, "row.id", &numbers));
        for row in transaction.query_all_raw(piece.statement(backend)).await? {
            tenants.insert((of, row.try_get_by_index(0)?), row.try_get_by_index(1)?);
        }
    }
    Ok(tenants)
}

/// An instant as it is written in bodies.
#[must_use]
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_enum_of_the_schema() {
        let words: Vec<&str> = MODEL.enums["WebhookEvent"].iter().map(|value| value.name.as_str()).collect();
        assert_eq!(EVENTS.iter().map(|event| event.word).collect::<Vec<_>>(), words);
        assert!(EVENTS.iter().all(|event| MODEL.rows(event.of).is_some()));
        assert_eq!(dotted("SOURCE_STATE_CHANGED"), "source.state_changed");
    }
}
