//! Sends what the outbox holds, as long as the instance runs. Every replica has one; leases keep them apart.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use groupgraph_entities::delivery;
use sea_orm::DbErr;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    task::JoinSet,
    time::timeout,
};

use super::{
    TYPE,
    attempt::attempt,
    claim::claim,
    housekeeping,
    post::Poster,
    record::{Timing, record},
};
use crate::{events::Change, federation::address::AddressRules, halopsa, hub::Hub};

/// Takes due deliveries and sends them.
pub struct Runner {
    pub hub: Hub,
    /// Reaches the systems of subsidiaries.
    pub sources: Poster,
    /// Reaches endpoints of webhooks.
    pub webhooks: Poster,
    /// Reaches instances of HaloPSA.
    pub halopsa: halopsa::Client,
    /// Attempts under way, by receiver.
    under_way: Mutex<HashMap<String, usize>>,
}

impl Runner {
    #[must_use]
    pub fn new(hub: Hub) -> Self {
        let webhooks = AddressRules {
            allowed_hosts: hub.settings.webhooks.allowed_hosts.clone(),
            allows_private: hub.settings.webhooks.allow_private_addresses,
        };
        let sources = Poster::new(hub.federation.address_rules().clone());
        let halopsa = halopsa::Client::new(&hub.settings.halopsa);
        Self { sources, webhooks: Poster::new(webhooks), halopsa, under_way: Mutex::default(), hub }
    }

    /// Runs until `stop`; attempts that are under way then are brought to their end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let runner = Arc::new(self);
        let housekeeper = tokio::spawn(housekeeping::keep(runner.hub.clone()));
        let mut attempts = JoinSet::new();
        tokio::select! {
            () = stop => {}
            () = runner.clone().work(&mut attempts) => {}
        }
        housekeeper.abort();
        while attempts.join_next().await.is_some() {}
    }

    /// Sends what is due now, and what becomes due by that, one after the other. For tests and commands.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn drain(&self) -> Result<usize, DbErr> {
        let mut count = 0;
        loop {
            let due = claim(&self.hub, 1, &[]).await?;
            let Some(row) = due.first() else { return Ok(count) };
            self.send(row).await;
            count += 1;
        }
    }

    async fn work(self: Arc<Self>, attempts: &mut JoinSet<()>) {
        let interval = Duration::from_millis(self.hub.settings.deliveries.interval_ms);
        let mut changes = self.hub.events.watch();
        loop {
            while attempts.try_join_next().is_some() {}
            let is_more = match self.begin(attempts).await {
                Ok(is_more) => is_more,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    false
                }
            };
            if is_more {
                continue;
            }
            tokio::select! {
                _ = timeout(interval, told(&mut changes)) => {}
                Some(_) = attempts.join_next() => {}
            }
        }
    }

    /// Begins attempts as far as there is room; answers whether more may be due.
    async fn begin(self: &Arc<Self>, attempts: &mut JoinSet<()>) -> Result<bool, DbErr> {
        let settings = &self.hub.settings.deliveries;
        // All that is taken may be for one receiver, so half of what that may get is left free.
        let share = settings.at_a_time_per_receiver.div_ceil(2);
        let room = settings.at_a_time.saturating_sub(attempts.len()).min(share);
        if room == 0 {
            return Ok(false);
        }
        let rows = claim(&self.hub, room, &self.busy(room)).await?;
        let is_more = rows.len() == room;
        for row in rows {
            self.count(&row.target, 1);
            let runner = self.clone();
            attempts.spawn(async move {
                runner.send(&row).await;
                runner.count(&row.target, -1);
            });
        }
        Ok(is_more)
    }

    async fn send(&self, row: &delivery::Model) {
        let (started_at, start) = (self.hub.clock.now(), Instant::now());
        let sent = attempt(self, row).await;
        let timing = Timing { started_at, took: start.elapsed() };
        let outcome = if sent.is_ok() { "delivered" } else { "failed" };
        let kind = row.kind.to_lowercase();
        metrics::counter!("groupgraph_delivery_attempts_total", "kind" => kind.clone(), "outcome" => outcome)
            .increment(1);
        metrics::histogram!("groupgraph_delivery_seconds", "kind" => kind).record(timing.took.as_secs_f64());
        if let Err(error) = record(&self.hub, row, timing, &sent).await {
            tracing::error!(%error, delivery = row.id, "an attempt was not noted; it will be made again");
        }
    }

    /// Receivers that cannot get so many further attempts now.
    fn busy(&self, more: usize) -> Vec<String> {
        let most = self.hub.settings.deliveries.at_a_time_per_receiver;
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.iter().filter(|(_, count)| **count + more > most).map(|(target, _)| target.clone()).collect()
    }

    fn count(&self, target: &str, by: isize) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(target.to_owned()).or_default();
        *count = count.saturating_add_signed(by);
        if *count == 0 {
            under_way.remove(target);
        }
    }
}

/// Ends when something about a delivery was told.
async fn told(changes: &mut Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(change) if change.of == TYPE => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
