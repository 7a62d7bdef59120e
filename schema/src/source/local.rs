//! The hub's own rows as a source: nothing to reach, so nothing to check but the schema itself.

use groupgraph_entities::{source, tenant};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr};
use serde_json::json;

use crate::{
    federation::{collection::Collection, contract, handshake::Check, outline::Outline},
    hub::Hub,
};

/// Writes the row of the source.
///
/// # Errors
/// The company has a source already, or the database is out of reach.
pub(super) async fn insert<C: ConnectionTrait>(
    db: &C,
    hub: &Hub,
    company: &tenant::Model,
) -> Result<source::Model, DbErr> {
    let settings = &hub.settings.sources;
    let now = hub.clock.now();
    let row = source::ActiveModel {
        tenant_id: Set(company.id),
        name: Set(company.name.clone()),
        mode: Set("LOCAL".into()),
        state: Set("PENDING".into()),
        instance: Set(Some(hub.instance.to_string())),
        timeout_ms: Set(i32::try_from(settings.deadline_ms).unwrap_or(i32::MAX)),
        max_answer_bytes: Set(i64::try_from(settings.max_answer_bytes).unwrap_or(i64::MAX)),
        max_concurrency: Set(i32::try_from(settings.max_concurrency).unwrap_or(i32::MAX)),
        cache_seconds: Set(0),
        drifted_fields: Set(json!([])),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(db).await
}

/// What this hub's schema offers.
pub(super) fn check() -> Check {
    let schema = Outline::from_sdl(&crate::sdl()).expect("the printed schema is well-formed");
    let collections = Collection::all().map(|collection| contract::compare(&schema, collection)).collect();
    Check { is_accepted: true, collections, messages: Vec::new() }
}
