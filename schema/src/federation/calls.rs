//! The calls that one question to one source takes, behind everything that spares the source: cache, calls of others
//! that are under way, breaker and bulkhead. It must not know what answers hold.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Federation,
    ask::late,
    cache::Use,
    call::{Call, is_outage, watch_recovery},
    fanout::Means,
    flights::{Fingerprint, Outcome, fingerprint},
    question::{Fault, Status},
    read::Reading,
    registry::{Endpoint, Source},
};

/// Calls to one source for one question.
pub struct Calls<'a, 'm> {
    federation: &'a Federation,
    source: &'a Arc<Source>,
    endpoint: &'a Endpoint,
    means: Means<'m>,
    /// Longest wait of whoever asks.
    deadline: Duration,
    seen: Mutex<Seen>,
}

/// What the calls so far told.
#[derive(Default)]
struct Seen {
    /// When the first call began that tells how the source does.
    started: Option<Instant>,
    /// When the oldest answer out of the cache was read.
    cached_at: Option<DateTime<Utc>>,
    /// Why an answer from the cache stands in for a call.
    stale: Option<Fault>,
    /// Answers that may be kept if they turn out to be good.
    fresh: Vec<(Fingerprint, Arc<String>)>,
}

impl<'a, 'm> Calls<'a, 'm> {
    /// No call yet.
    #[must_use]
    pub fn new(
        federation: &'a Federation,
        (source, endpoint): (&'a Arc<Source>, &'a Endpoint),
        means: Means<'m>,
        deadline: Duration,
    ) -> Self {
        Self { federation, source, endpoint, means, deadline, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Longest wait for one call.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.endpoint.timeout.min(self.deadline)
    }

    /// An answer from the cache, by a call, or, if that fails, from the cache after all.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn make(&self, body: Bytes) -> Outcome {
        let is_cached = self.endpoint.cache > Duration::ZERO;
        let print = (is_cached || self.federation.shares_calls).then(|| self.fingerprint(&body));
        let kept = print.filter(|_| is_cached);
        if let Some(body) = kept.and_then(|print| self.find(&print, Use::Fresh)) {
            self.source.meters().cached.increment(1);
            return Ok(body);
        }
        let fault = match self.fetch(body, print).await {
            Ok(body) => {
                self.seen().fresh.extend(kept.map(|print| (print, body.clone())));
                return Ok(body);
            }
            Err(fault) => fault,
        };
        let is_away = is_outage(&fault) || fault.status == Status::Skipped;
        match kept.filter(|_| is_away).and_then(|print| self.find(&print, Use::Stale)) {
            Some(body) => {
                self.seen().stale = Some(fault);
                Ok(body)
            }
            None => Err(fault),
        }
    }

    /// Of everything that the source sees; statements of who asks differ by the second, so their subject stands for them.
    fn fingerprint(&self, body: &[u8]) -> Fingerprint {
        let Endpoint { url, credential, .. } = self.endpoint;
        fingerprint(&[url.as_bytes(), credential.expose().as_bytes(), self.means.subject.as_bytes(), body])
    }

    fn find(&self, print: &Fingerprint, used: Use) -> Option<Arc<String>> {
        let federation = self.federation;
        let kept = federation.cache.find(print, used, self.endpoint.cache, federation.clock.now())?;
        let mut seen = self.seen();
        seen.cached_at = Some(seen.cached_at.map_or(kept.at, |at| at.min(kept.at)));
        Some(kept.body)
    }

    /// Joins a call that is under way, or makes one.
    async fn fetch(&self, body: Bytes, print: Option<Fingerprint>) -> Outcome {
        let (federation, source) = (self.federation, self.source);
        let timeout = self.timeout();
        let print = print.filter(|_| federation.shares_calls);
        if let Some(flight) = print.and_then(|print| federation.flights.find(&print)) {
            source.meters().shared.increment(1);
            return in_time(flight, timeout).await;
        }
        let permit = admit(source)?;
        let start = Instant::now();
        let call = Call {
            caller: federation.caller.clone(),
            source: source.clone(),
            body,
            assertion: (self.means.assert)(&self.endpoint.url),
            // Who joins may have more time.
            timeout: if print.is_some() { self.endpoint.timeout } else { timeout },
            added: federation.added,
        };
        let call = async move {
            let outcome = call.run().await;
            drop(permit);
            outcome
        };
        let outcome = match print {
            Some(print) => in_time(federation.flights.start(print, call), timeout).await,
            None => call.await,
        };
        // A client in a hurry says nothing about the source.
        let is_late = outcome.as_ref().is_err_and(|fault| fault.status == Status::TimedOut);
        if !is_late || timeout >= self.endpoint.timeout.min(federation.deadline) {
            self.seen().started.get_or_insert(start);
        }
        outcome
    }

    /// Notes how the source did, keeps good answers, and says when they were read if not now.
    ///
    /// # Errors
    /// Those of the reading.
    pub fn finish(self, reading: Result<Reading, Fault>) -> (Result<Reading, Fault>, Option<DateTime<Utc>>) {
        let Seen { started, cached_at, stale, fresh } = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let error = match &reading {
            Ok(reading) => stale.as_ref().or(reading.error.as_ref()),
            Err(fault) => Some(fault),
        };
        if let Some(start) = started {
            self.federation.settle(self.source, error, start.elapsed());
        }
        if error.is_none() {
            for (print, body) in fresh {
                self.federation.cache.keep(print, body, self.federation.clock.now());
            }
        }
        match reading {
            Ok(reading) => {
                let error = stale.or(reading.error);
                (Ok(Reading { error, ..reading }), cached_at)
            }
            Err(fault) => (Err(fault), None),
        }
    }
}

impl Federation {
    /// Notes how calls went.
    fn settle(&self, source: &Arc<Source>, error: Option<&Fault>, took: Duration) {
        let live = &source.live;
        live.note(took, error.map(ToString::to_string), self.clock.now());
        let now = Instant::now();
        let mut breaker = live.breaker();
        let pause = match error {
            Some(Fault { retry_after: Some(pause), .. }) => breaker.rest(now, *pause),
            Some(fault) if is_outage(fault) => breaker.fail(now),
            _ => {
                breaker.succeed();
                None
            }
        };
        source.meters().note_breaker(breaker.state(now));
        drop(breaker);
        if let Some(pause) = pause {
            tracing::warn!(source = source.name, seconds = pause.as_secs(), "a source is left alone");
            tokio::spawn(watch_recovery(self.caller.clone(), source.clone(), pause));
        }
    }
}

/// Leave to call a source now; nobody waits for it.
fn admit(source: &Source) -> Result<OwnedSemaphorePermit, Fault> {
    let skipped = |code, message| Fault::new(Status::Skipped, code, message);
    if !source.live.breaker().is_closed() {
        return Err(skipped("BREAKER_OPEN", "It failed several times; it is tried again soon."));
    }
    let permit = source.live.permits.clone().try_acquire_owned();
    permit.map_err(|_| skipped("BUSY", "Too many calls are under way."))
}

async fn in_time(call: impl Future<Output = Outcome>, timeout: Duration) -> Outcome {
    tokio::time::timeout(timeout, call).await.unwrap_or_else(|_| Err(late(timeout)))
}
