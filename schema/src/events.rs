//! Changes of rows, told to whoever watches: inside this process, and on PostgreSQL to every replica.
//! It must not know what a change means.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// PostgreSQL channel on which replicas tell each other.
pub const CHANNEL: &str = "groupgraph_changes";

/// The sessions of a person have ended: a change of the person by that number.
pub const SESSIONS: &str = "Session";
/// Some credentials have ended, nobody here knows whose.
pub const CREDENTIALS: &str = "Credential";

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

/// A committed change of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    /// GraphQL type, such as "Lead".
    pub of: String,
    pub number: i64,
    /// Company of a deleted row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<i64>,
}

/// The stream of changes.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<Change>,
    /// Changes of companies so far.
    tenants: Arc<AtomicU64>,
    /// Changes so far of what credentials allow.
    credentials: Arc<AtomicU64>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0, tenants: Arc::default(), credentials: Arc::default() }
    }
}

impl Change {
    /// Of a row that is there.
    #[must_use]
    pub fn of(kind: ChangeKind, of: &str, number: i64) -> Self {
        Self { kind, of: of.to_owned(), number, tenant: None }
    }
}

impl Events {
    /// Commits, and tells the watchers. On PostgreSQL they are told by the database, in every replica.
    ///
    /// # Errors
    /// The database refused the commit.
    pub async fn commit(&self, transaction: DatabaseTransaction, changes: Vec<Change>) -> Result<(), DbErr> {
        let is_shared = transaction.get_database_backend() == DbBackend::Postgres && !changes.is_empty();
        if is_shared {
            let texts = serde_json::to_string(&changes).expect("changes are plain data");
            let notify = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pg_notify($1, CAST(change AS text)) FROM jsonb_array_elements(CAST($2 AS jsonb)) AS list(change)",
                [CHANNEL.into(), texts.into()],
            );
            transaction.query_all_raw(notify).await?;
        }
        transaction.commit().await?;
        for change in &changes {
            self.count(change);
        }
        if !is_shared {
            for change in changes {
                self.publish(change);
            }
        }
        Ok(())
    }

    fn count(&self, change: &Change) {
        if change.of == "Tenant" {
            self.tenants.fetch_add(1, Ordering::Release);
        }
        if ["AccessToken", "Staff", "StaffMapping", "Role", SESSIONS, CREDENTIALS].contains(&change.of.as_str()) {
            self.credentials.fetch_add(1, Ordering::Release);
        }
    }

    /// A number that is another one after any change of what credentials allow. Changes of other processes count when
    /// they are heard of.
    #[must_use]
    pub fn credentials(&self) -> u64 {
        self.credentials.load(Ordering::Acquire)
    }

    /// Tells the watchers of this process.
    pub fn publish(&self, change: Change) {
        self.count(&change);
        // Nobody watching is no failure.
        let _ = self.sender.send(change);
    }

    /// Changes of companies so far: what was read of them before another one may be out of date.
    #[must_use]
    pub fn tenants_version(&self) -> u64 {
        self.tenants.load(Ordering::Acquire)
    }

    /// Changes from now on; a watcher that falls 1,024 behind is told that it lagged.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
