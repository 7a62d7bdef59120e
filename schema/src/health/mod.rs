//! `serviceHealth`: whether this hub works, and what it depends on; each part is tried, not assumed.

use std::time::Duration;

use chrono::TimeDelta;
use groupgraph_entities::import_attempt::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{
    company,
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
    halopsa,
    lead_import::settings::ImportSettings,
};

const CONNECTED: &str = "CONNECTED";
const DEGRADED: &str = "DEGRADED";
const DISCONNECTED: &str = "DISCONNECTED";

/// Time that the database may take for the smallest question.
const PATIENCE: Duration = Duration::from_secs(3);
/// How far back attempts of a provider tell of it.
const RECENT: TimeDelta = TimeDelta::hours(1);

/// What was found.
///
/// # Errors
/// The database failed while it was being described.
pub async fn health(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let hub = request.hub;
    let answers = tokio::time::timeout(PATIENCE, hub.database.read.ping()).await;
    let database = if matches!(answers, Ok(Ok(()))) { CONNECTED } else { DISCONNECTED };
    let mut services = vec![("database".to_owned(), database)];
    if let (CONNECTED, Ok(tenant)) = (database, company::own(hub, request.viewer)) {
        let settings = ImportSettings::load(&hub.database.read, tenant).await?;
        let instance = match &settings.instance_url {
            Some(url) => reached(halopsa::Client::new(&hub.settings.halopsa).probe(url).await.err()),
            None => DISCONNECTED,
        };
        services.push((halopsa::SYSTEM.to_owned(), instance));
        for provider in settings.providers.iter().filter(|provider| provider.is_enabled) {
            let state = provider_state(request, tenant, &provider.name).await?;
            services.push((provider.name.clone(), state));
        }
    }
    let status = match services.iter().map(|(_, state)| *state).max_by_key(|state| gravity(state)) {
        _ if database != CONNECTED => "UNHEALTHY",
        Some(CONNECTED) | None => "HEALTHY",
        Some(_) => "DEGRADED",
    };
    let services: Vec<_> =
        services.into_iter().map(|(name, state)| json!({ "name": name, "connection": state })).collect();
    let found = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "checkedAt": crate::engine::write::rfc3339(hub.clock.now()),
        "services": services,
    });
    value(request, selected, &found).await
}

fn gravity(state: &str) -> u8 {
    match state {
        CONNECTED => 0,
        DEGRADED => 1,
        _ => 2,
    }
}

fn reached(fault: Option<crate::delivery::Fault>) -> &'static str {
    match fault {
        None => CONNECTED,
        Some(fault) if fault.status.is_some() => DEGRADED,
        Some(_) => DISCONNECTED,
    }
}

/// Providers call this hub, so what tells of them is whether what they sent could be used.
async fn provider_state(request: &Request<'_>, tenant: i64, name: &str) -> Result<&'static str, Error> {
    let since = request.hub.clock.now() - RECENT;
    let count = async |db: &DatabaseConnection, only: bool| -> Result<u64, DbErr> {
        let mut found = Entity::find()
            .filter(Column::TenantId.eq(tenant))
            .filter(Column::Provider.eq(name))
            .filter(Column::OccurredAt.gte(since));
        if only {
            found = found.filter(Column::IsSuccess.eq(true));
        }
        found.count(db).await
    };
    let db = &request.hub.database.read;
    let (all, good) = (count(db, false).await?, count(db, true).await?);
    Ok(if all > 0 && good == 0 { DEGRADED } else { CONNECTED })
}
