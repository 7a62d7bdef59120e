//! Asks all sources at once and merges what they answer into one ordered page. `question` says what is asked,
//! `fanout` asks it, `call` and `ask` make the calls, `scan` (or `read` and `project`) turns answers into `rows`,
//! `merge` and `cursor` order them; `registry` knows the sources, `handshake` decides what one may answer for.
//! It must not know the types of the GraphQL engine.

pub mod address;
pub mod ask;
pub mod breaker;
pub mod budget;
pub mod cache;
pub mod call;
pub mod collection;
pub mod condition;
pub mod connections;
pub mod contract;
mod count;
pub mod cursor;
pub mod document;
pub mod fanout;
pub mod flights;
mod gather;
pub mod handshake;
pub mod health;
mod http1;
pub mod json;
pub mod key;
pub mod layout;
mod mapped;
pub mod mapping;
pub mod merge;
pub mod meters;
pub mod outline;
mod part;
pub mod project;
pub mod question;
pub mod read;
mod received;
pub mod registry;
pub mod relay;
pub mod rows;
pub mod scan;
pub mod statements;
pub mod totals;

use std::time::Duration;

use sea_orm::DbErr;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use self::{
    address::AddressRules, ask::Caller, cache::AnswerCache, call::Added, flights::Flights, registry::Registry,
    relay::Relay, statements::Statements,
};
use crate::{
    database::Database,
    events::Change,
    hub::{Clock, Hub},
    sealing::Sealing,
    settings,
};

/// How often sources are read anew though no change was told, so that replicas agree.
const RELOAD_INTERVAL: Duration = Duration::from_secs(10);

/// All sources, and how they are asked.
#[derive(Debug)]
pub struct Federation {
    pub registry: Registry,
    pub relay: Relay,
    caller: Caller,
    clock: Clock,
    /// Most rows of one source that the hub reads to order or filter them itself.
    max_rows_at_hub: usize,
    flights: Flights,
    cache: AnswerCache,
    pub statements: Statements,
    added: Added,
    shares_calls: bool,
    /// Longest wait unless a question says otherwise.
    pub deadline: Duration,
}

impl Federation {
    /// Without sources yet.
    #[must_use]
    pub fn new(settings: &settings::Sources, clock: Clock) -> Self {
        let rules = AddressRules {
            allowed_hosts: settings.allowed_hosts.clone(),
            allows_private: settings.allow_private_addresses,
        };
        let deadline = Duration::from_millis(settings.deadline_ms);
        Self {
            registry: Registry::default(),
            relay: Relay::new(rules.clone()),
            caller: Caller::new(rules, settings.max_connections),
            clock,
            max_rows_at_hub: settings.max_rows_at_hub,
            flights: Flights::default(),
            cache: AnswerCache::new(settings.cache_bytes, Duration::from_secs(settings.stale_seconds)),
            statements: Statements::default(),
            added: Added { retries: settings.retry_percent, hedges: settings.hedge_percent },
            shares_calls: settings.share_calls,
            deadline,
        }
    }

    /// Which addresses sources may have.
    #[must_use]
    pub fn address_rules(&self) -> &AddressRules {
        self.caller.rules()
    }

    /// Reads the sources from the database.
    ///
    /// # Errors
    /// The database cannot be read; the sources stay as they were.
    pub async fn reload(&self, database: &Database, sealing: &Sealing) -> Result<(), DbErr> {
        self.registry.reload(database, sealing).await
    }
}

/// Keeps the sources of a running instance as the database has them: `changes` are those since they were read. Never
/// ends while changes can be told.
pub async fn keep_fresh(hub: Hub, mut changes: Receiver<Change>) {
    loop {
        let change = async {
            loop {
                match changes.recv().await {
                    Ok(change) if change.of == "Source" => return true,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        if timeout(RELOAD_INTERVAL, change).await == Ok(false) {
            return;
        }
        if let Err(error) = hub.federation.reload(&hub.database, &hub.sealing).await {
            tracing::error!(%error, "the sources cannot be read");
        }
    }
}

#[cfg(test)]
#[path = "tests/fake.rs"]
pub(crate) mod fake;
#[cfg(test)]
#[path = "tests/sample.rs"]
mod sample;

#[cfg(test)]
#[path = "tests/drill.rs"]
mod drill;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn it_does_not_know_the_graphql_engine() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/federation");
        let engine = ["async", "graphql"].join("_");
        for file in fs::read_dir(folder).expect("this folder").flatten().filter(|file| file.path().is_file()) {
            let text = fs::read_to_string(file.path()).expect("a source file");
            assert!(!text.contains(&engine), "{}", file.path().display());
        }
    }
}
