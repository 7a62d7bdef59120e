//! One question to one source over HTTP, with what protects both sides: a second try for calls that failed in
//! passing, a second call beside one that is unusually slow, and both within a budget. It must not know what is asked.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::{Either, select};
use rand::RngExt;

use super::{
    ask::{Caller, body, late},
    flights::Outcome,
    question::{Fault, Status},
    registry::{Endpoint, Source},
};

/// Wait before a second try, in milliseconds.
const RETRY_WAIT: std::ops::Range<u64> = 5..25;
/// No call is unusually slow before.
const LEAST_HEDGE_WAIT: Duration = Duration::from_millis(5);
/// What asks a source whether it is there.
const PROBE: &str = "{__typename}";

/// Calls that may be added to those that are needed, in percent of them.
#[derive(Clone, Copy, Debug)]
pub struct Added {
    pub retries: u32,
    pub hedges: u32,
}

/// A call that can be made.
pub struct Call {
    pub caller: Caller,
    pub source: Arc<Source>,
    pub body: Bytes,
    pub assertion: Arc<str>,
    /// For everything together.
    pub timeout: Duration,
    pub added: Added,
}

impl Call {
    /// Makes it.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn run(self) -> Outcome {
        match tokio::time::timeout(self.timeout, self.attempts()).await {
            Ok(answer) => answer.map(Arc::new),
            Err(_) => Err(late(self.timeout)),
        }
    }

    async fn attempts(&self) -> Result<String, Fault> {
        let live = &self.source.live;
        live.retries.earn(self.added.retries);
        live.hedges.earn(self.added.hedges);
        let fault = match self.attempt().await {
            Err(fault) if is_passing(&fault) && live.retries.spend() => fault,
            answer => return answer,
        };
        tracing::debug!(source = self.source.name, %fault, "a call is made again");
        self.source.meters().retries.increment(1);
        let wait = rand::rng().random_range(RETRY_WAIT);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        self.attempt().await
    }

    /// The first answer of one call, or of two if the first one is late.
    async fn attempt(&self) -> Result<String, Fault> {
        let live = &self.source.live;
        let Some(slow) = live.slow().filter(|_| self.added.hedges > 0) else { return self.send().await };
        let mut first = pin!(self.send());
        if let Ok(answer) = tokio::time::timeout(slow.max(LEAST_HEDGE_WAIT), &mut first).await {
            return answer;
        }
        if !live.hedges.spend() {
            return first.await;
        }
        self.source.meters().hedges.increment(1);
        match select(first, pin!(self.send())).await {
            Either::Left((Err(_), second)) => second.await,
            Either::Right((Err(_), first)) => first.await,
            Either::Left((answer, _)) | Either::Right((answer, _)) => answer,
        }
    }

    async fn send(&self) -> Result<String, Fault> {
        let Some(endpoint) = &self.source.endpoint else {
            return Err(Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its address or credential is not known."));
        };
        // Boxed: it is large, and two of it may be under way within one call.
        Box::pin(self.caller.call(endpoint, self.body.clone(), &self.assertion)).await
    }
}

/// Whether the same call may go well a moment later.
fn is_passing(fault: &Fault) -> bool {
    fault.retry_after.is_none() && ["CONNECT_FAILED", "CONNECTION_LOST", "SERVER_ERROR"].contains(&fault.code)
}

/// Whether a failure speaks against further calls; refusals and errors of one question do not.
#[must_use]
pub fn is_outage(fault: &Fault) -> bool {
    match fault.status {
        Status::TimedOut | Status::Unreachable => true,
        Status::Invalid => fault.code != "SOURCE_ERRORS",
        Status::Refused => fault.code == "RATE_LIMITED",
        Status::Ok | Status::Partial | Status::Skipped => false,
    }
}

/// Whether a kept answer may stand in for a call that failed.
#[must_use]
pub fn may_stand_in(fault: &Fault) -> bool {
    is_outage(fault) || fault.status == Status::Skipped
}

/// Waits for a source whose breaker has opened, and lets calls pass when it is there again.
pub async fn watch_recovery(caller: Caller, source: Arc<Source>, mut pause: Duration) {
    let Some(endpoint) = source.endpoint.clone() else { return };
    let (live, name) = (Arc::downgrade(&source.live), source.name.clone());
    // Sources that are removed must be free to go.
    drop(source);
    loop {
        let jitter = rand::rng().random_range(1.0..1.2);
        tokio::time::sleep(pause.mul_f64(jitter)).await;
        // Gone, or a call that was under way went well.
        let Some(live) = live.upgrade().filter(|live| !live.breaker().is_closed()) else { return };
        let is_back = probe(&caller, &endpoint).await;
        tracing::info!(source = name, is_back, "a source that failed was probed");
        match live.note_probe(is_back) {
            Some(next) => pause = next,
            None => return,
        }
    }
}

async fn probe(caller: &Caller, endpoint: &Endpoint) -> bool {
    caller.send(endpoint, body(PROBE), "", endpoint.timeout).await.err().is_none_or(|fault| !is_outage(&fault))
}
