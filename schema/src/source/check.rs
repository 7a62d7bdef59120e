//! Checks of sources: made over HTTP without a transaction, then written down and shown.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use groupgraph_entities::{source, source_collection};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use serde_json::{Value, json};

use crate::{
    error::Error,
    federation::{
        contract::CollectionState,
        handshake::{Check, Dialect},
        registry::Endpoint,
    },
    hub::Hub,
    source::assertion,
    viewer::Viewer,
};

/// Asks a server for its schema and a row of everything.
///
/// # Errors
/// The keys for the statement of who asks are out of reach.
pub(super) async fn run(hub: &Hub, viewer: &Viewer, endpoint: &Endpoint, dialect: &Dialect) -> Result<Check, Error> {
    let subject = assertion::subject(viewer);
    let assert = assertion::maker(hub, &subject).await?;
    Ok(hub.federation.check(endpoint, &assert(&endpoint.url), dialect).await)
}

/// Writes down what was found. A server whose schema could not be read keeps what it offered: the breaker spares it
/// as long as it is away.
///
/// # Errors
/// The database refused.
pub(super) async fn store(
    transaction: &DatabaseTransaction,
    source: source::Model,
    check: &Check,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let id = source.id;
    let was_checked = source.checked_at.is_some();
    let drifted: BTreeSet<String> = serde_json::from_value(source.drifted_fields.clone()).unwrap_or_default();
    let is_suspended = source.state == "SUSPENDED";
    let mut row = source.into_active_model();
    row.checked_at = Set(Some(now));
    row.updated_at = Set(now);
    row.last_error = Set(check.messages.first().cloned());
    if !check.collections.is_empty() {
        let of_source = source_collection::Column::SourceId.eq(id);
        let before = source_collection::Entity::find().filter(of_source.clone()).all(transaction).await?;
        if was_checked {
            row.drifted_fields = Set(json!(drift(&drifted, &gaps_of_rows(&before), &gaps(&check.collections))));
        }
        if !is_suspended {
            row.state = Set(if check.is_accepted { "ACTIVE" } else { "FAILED" }.to_owned());
        }
        source_collection::Entity::delete_many().filter(of_source).exec(transaction).await?;
        let rows = check.collections.iter().map(|state| collection_row(id, state));
        source_collection::Entity::insert_many(rows).exec(transaction).await?;
    }
    row.update(transaction).await?;
    Ok(())
}

fn collection_row(source: i64, state: &CollectionState) -> source_collection::ActiveModel {
    source_collection::ActiveModel {
        source_id: Set(source),
        collection: Set(state.collection.word().to_owned()),
        is_offered: Set(state.is_offered),
        missing_fields: Set(json!(state.missing_fields)),
        filterable_fields: Set(json!(state.filterable_fields)),
        orderable_fields: Set(json!(state.orderable_fields)),
        paging: Set(state.paging.to_owned()),
        message: Set(state.message.clone()),
        mapping_document: Set(state.mapping.as_ref().map(|mapping| mapping.document.clone())),
        mapping_rows_path: Set(state.mapping.as_ref().map(|mapping| mapping.rows_path.clone())),
        mapping_conversions: Set(state.mapping.as_ref().map(|mapping| mapping.conversions.clone())),
        ..Default::default()
    }
}

/// What went away since the source joined: what newly lacks, and what drifted before and still lacks.
fn drift(drifted: &BTreeSet<String>, before: &BTreeSet<String>, now: &BTreeSet<String>) -> BTreeSet<String> {
    now.iter().filter(|gap| drifted.contains(*gap) || !before.contains(*gap)).cloned().collect()
}

fn gaps(states: &[CollectionState]) -> BTreeSet<String> {
    let gaps = states.iter().map(|state| gap(state.collection.root_field(), state.is_offered, &state.missing_fields));
    gaps.flatten().collect()
}

fn gaps_of_rows(rows: &[source_collection::Model]) -> BTreeSet<String> {
    let gaps = rows.iter().map(|row| {
        let collection = crate::federation::collection::Collection::from_word(&row.collection);
        let name = collection.map_or("", crate::federation::collection::Collection::root_field);
        let missing: Vec<String> = serde_json::from_value(row.missing_fields.clone()).unwrap_or_default();
        gap(name, row.is_offered, &missing)
    });
    gaps.flatten().collect()
}

fn gap(name: &str, is_offered: bool, missing: &[String]) -> Vec<String> {
    let fields = missing.iter().map(|field| format!("{name}.{field}"));
    if is_offered { fields.collect() } else { vec![name.to_owned()] }
}

/// The GraphQL value of a check.
pub(super) fn show(check: &Check, now: DateTime<Utc>) -> Value {
    let collections = check.collections.iter().map(|state| {
        json!({
            "collection": state.collection.word(),
            "isOffered": state.is_offered,
            "missingFields": state.missing_fields,
            "filterableFields": state.filterable_fields,
            "orderableFields": state.orderable_fields,
            "paging": state.paging,
            "message": state.message,
        })
    });
    json!({
        "isAccepted": check.is_accepted,
        "collections": collections.collect::<Vec<_>>(),
        "messages": check.messages,
        "checkedAt": now.to_rfc3339_opts(SecondsFormat::Millis, true),
    })
}

/// One sentence for the caller whose server cannot be a source.
pub(super) fn reason(check: &Check) -> String {
    // Of a server with mappings, only what is mapped can be wrong.
    let is_mapped = check.collections.iter().any(|state| state.mapping.is_some());
    let states = check.collections.iter().filter(|state| !is_mapped || state.mapping.is_some());
    let refused = states.filter_map(|state| {
        state.message.as_ref().map(|message| format!("{}: {message}", state.collection.root_field()))
    });
    check.messages.iter().cloned().chain(refused.take(3)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_what_went_away_and_is_still_away() {
        let set = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<BTreeSet<_>>();
        let before = set(&["leads.phone", "deals.phase"]);
        assert_eq!(drift(&set(&[]), &before, &set(&["leads.phone"])), set(&[]));
        assert_eq!(drift(&set(&[]), &before, &set(&["leads.phone", "tasks"])), set(&["tasks"]));
        assert_eq!(drift(&set(&["deals.phase"]), &before, &before), set(&["deals.phase"]));
        assert_eq!(drift(&set(&["tasks"]), &before, &before), set(&[]));
    }
}
