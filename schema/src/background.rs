//! What an instance does beside answering: hearing of changes in other replicas, and keeping what it holds in
//! memory as the database has it. It must not know what clients ask for.

use std::time::Duration;

use sea_orm::{DbBackend, DbErr};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;

use crate::{
    events::{CHANNEL, CREDENTIALS, Change, ChangeKind},
    federation,
    hub::Hub,
    identity, invoice, performance, prospect, source, verification,
};

/// Pause before the database is asked for changes again after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// How often credentials are looked at where nothing tells of their end: the command line is another process.
const CREDENTIALS_EVERY: Duration = Duration::from_secs(1);

/// How often due days are looked at.
const HOUR: Duration = Duration::from_hours(1);

/// Reads what is held in memory, and keeps it fresh from then on.
///
/// # Errors
/// The database is out of reach.
pub async fn start(hub: &Hub) -> Result<(), DbErr> {
    hub.directory.load(&hub.database.read).await?;
    let changes = hub.events.watch();
    hub.federation.reload(&hub.database, &hub.sealing).await?;
    tokio::spawn(federation::keep_fresh(hub.clone(), changes));
    tokio::spawn(source::keep_checked(hub.clone()));
    tokio::spawn(source::keep_alive(hub.clone()));
    tokio::spawn(keep_directory(hub.clone()));
    tokio::spawn(keep_invoices(hub.clone()));
    tokio::spawn(verification::keep(hub.clone()));
    tokio::spawn(performance::keep(hub.clone()));
    if hub.database.backend() == DbBackend::Postgres {
        tokio::spawn(listen(hub.clone()));
        tokio::spawn(prospect::keep_tally(hub.clone()));
    } else {
        tokio::spawn(keep_credentials(hub.clone()));
    }
    Ok(())
}

/// Tells this process what all replicas change.
async fn listen(hub: Hub) {
    loop {
        if let Err(error) = hear(&hub).await {
            tracing::warn!(%error, "changes of other replicas are not heard");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn hear(hub: &Hub) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(&hub.database.url).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        match serde_json::from_str::<Change>(notification.payload()) {
            Ok(change) => hub.events.publish(change),
            Err(error) => tracing::warn!(%error, "a change that cannot be read"),
        }
    }
}

/// Tells whoever serves a credential that some have ended.
async fn keep_credentials(hub: Hub) {
    let mut known = None;
    loop {
        match identity::revocations(&hub).await {
            Ok(number) if known.replace(number).is_some_and(|before| before != number) => {
                hub.events.publish(Change::of(ChangeKind::Updated, CREDENTIALS, 0));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "credentials cannot be looked at"),
        }
        tokio::time::sleep(CREDENTIALS_EVERY).await;
    }
}

/// Marks invoices as overdue once their day has passed.
async fn keep_invoices(hub: Hub) {
    loop {
        if let Err(error) = invoice::mark_overdue(&hub).await {
            tracing::error!(%error, "overdue invoices cannot be marked");
        }
        tokio::time::sleep(HOUR).await;
    }
}

async fn keep_directory(hub: Hub) {
    let mut changes = hub.events.watch();
    loop {
        match changes.recv().await {
            Ok(change) if change.of != "Tenant" => continue,
            Err(RecvError::Closed) => return,
            _ => {}
        }
        if let Err(error) = hub.directory.load(&hub.database.read).await {
            tracing::error!(%error, "the companies cannot be read");
        }
    }
}
