//! Changes of rows, told to whoever watches: inside this process, and on PostgreSQL to every replica.
//! It must not know what a change means.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// PostgreSQL channel on which replicas tell each other.
pub const CHANNEL: &str = "groupgraph_changes";

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
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0, tenants: Arc::default() }
    }
}

impl Events {
    /// Tells the watchers of this process.
    pub fn publish(&self, change: Change) {
        if change.of == "Tenant" {
            self.tenants.fetch_add(1, Ordering::Release);
        }
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
