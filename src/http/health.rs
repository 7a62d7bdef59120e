//! What machines ask: is the process alive, may it get traffic, what are its numbers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use groupgraph_migrations::Migrator;
use groupgraph_schema::database::Database;
use sea_orm::DbErr;
use sea_orm_migration::MigratorTrait;

use super::{App, reply};
use crate::telemetry;

/// Time that the database gets to answer.
const DATABASE_WAIT: Duration = Duration::from_secs(2);

/// Migrations do not become pending again while the process runs, so they are counted until none is.
#[derive(Default)]
pub struct Readiness {
    is_migrated: AtomicBool,
}

/// GET /healthz
pub async fn alive() -> &'static str {
    "ok\n"
}

/// GET /readyz: 503 while stopping, without database, or with pending migrations.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.stopping.is_stopping() {
        return not_ready("The server is stopping.");
    }
    match tokio::time::timeout(DATABASE_WAIT, check(&app.hub.database, &app.readiness)).await {
        Ok(Ok(true)) => "ready\n".into_response(),
        Ok(Ok(false)) => not_ready("Migrations are pending."),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            not_ready("The database does not answer.")
        }
        Err(_) => not_ready("The database does not answer in time."),
    }
}

async fn check(database: &Database, readiness: &Readiness) -> Result<bool, DbErr> {
    database.read.ping().await?;
    if readiness.is_migrated.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let is_migrated = Migrator::get_pending_migrations_read_only(&database.read).await?.is_empty();
    readiness.is_migrated.store(is_migrated, Ordering::Relaxed);
    Ok(is_migrated)
}

fn not_ready(message: &str) -> Response {
    reply::failure(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY", message)
}

/// GET /metrics
pub async fn metrics() -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (content_type, telemetry::metrics().render()).into_response()
}
