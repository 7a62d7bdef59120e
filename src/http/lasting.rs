//! Connections that stay open: how many a caller may hold, and what ends them from this side. It must not know their
//! protocols.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use groupgraph_schema::{
    events::Change,
    identity::{AuthenticateError, authenticate, rests_on},
    viewer::Viewer,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{App, caller::Caller};

/// Counts the open connections of each caller; cheap to clone.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<Caller, usize>>>);

/// One counted connection, until it is dropped.
pub struct Held {
    connections: Connections,
    caller: Caller,
}

impl Connections {
    /// Counts one more; none if the caller holds the most already.
    pub fn hold(&self, caller: Caller, most: usize) -> Option<Held> {
        let mut counts = self.0.lock().expect("no panic while counting");
        let count = counts.entry(caller).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Held { connections: self.clone(), caller })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.connections.0.lock().expect("no panic while counting");
        if let Some(count) = counts.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

/// Why a connection ends.
#[derive(Debug)]
pub enum End {
    /// The token has expired or was revoked, as the sentence says.
    Token(String),
    /// The rights behind it have changed: what it watches may not be for this viewer any more.
    Rights,
    /// The server stops.
    Stopping,
}

/// Waits until a connection has to end. The token is asked about again when something changes that it rests on, and
/// from time to time, for it may expire.
pub async fn end(app: Arc<App>, token: Option<String>, viewer: Viewer) -> End {
    let mut stopping = app.stopping.clone();
    tokio::select! {
        () = stopping.wait() => End::Stopping,
        end = lost(&app, token.as_deref(), &viewer) => end,
    }
}

async fn lost(app: &App, token: Option<&str>, viewer: &Viewer) -> End {
    let mut changes = app.hub.events.watch();
    loop {
        // Also at the beginning: it may have changed since the viewer was found.
        match authenticate(&app.hub, token).await {
            Ok(now) if now.permissions == viewer.permissions && now.tenants == viewer.tenants => {}
            Ok(_) => return End::Rights,
            // The next time will tell.
            Err(AuthenticateError::Internal(error)) => tracing::warn!(%error, "a token cannot be checked"),
            Err(refused) => return End::Token(refused.to_string()),
        }
        let wait = tokio::time::sleep(Duration::from_secs(app.limits.token_check_seconds));
        tokio::select! {
            () = wait => {}
            () = touched(&mut changes, viewer) => {}
        }
    }
}

/// Until something changes that the viewer's rights rest on.
async fn touched(changes: &mut Receiver<Change>, viewer: &Viewer) {
    loop {
        match changes.recv().await {
            Ok(change) if !rests_on(viewer, &change) => {}
            // It may be among those that were missed.
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_connections_are_counted_until_dropped() {
        let connections = Connections::default();
        let first = connections.hold(Caller::Staff(1), 2);
        let second = connections.hold(Caller::Staff(1), 2);
        assert!(first.is_some() && second.is_some() && connections.hold(Caller::Staff(1), 2).is_none());
        assert!(connections.hold(Caller::Staff(2), 2).is_some());
        drop(first);
        assert!(connections.hold(Caller::Staff(1), 2).is_some());
        drop(second);
        assert!(connections.0.lock().unwrap().is_empty());
    }
}
