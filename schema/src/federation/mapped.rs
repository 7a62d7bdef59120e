//! Asks a source with a schema of its own: one call, or several where it pages in its own way.
//! It must not know mappings.

use std::{
    future::ready,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::{
    Federation,
    ask::late,
    cache::Use,
    call::may_stand_in,
    fanout::Means,
    flights::Outcome,
    mapping::{
        document::{Identity, MappedDocument},
        pages::{Asking, Call},
    },
    question::{Fault, Question, Status},
    read::Reading,
    registry::Source,
};

impl Federation {
    /// The operation for a source.
    ///
    /// # Errors
    /// It cannot answer the question.
    pub(super) fn mapped_document(source: &Source, question: &Question) -> Result<Arc<MappedDocument>, Fault> {
        let mapping = source.mappings.get(&question.collection);
        let mapping =
            mapping.ok_or_else(|| Fault::new(Status::Skipped, "NOT_OFFERED", "It has no mapping for this."))?;
        mapping.document(question, identity(source))
    }

    /// Rows of a source, by as many calls as that takes, or from the cache if it holds the answers to all of them. The
    /// time is when cached rows were read.
    pub(super) async fn ask_mapped<'a, 'm: 'a>(
        &self,
        source: &'a Arc<Source>,
        question: &'a Question,
        document: &'a MappedDocument,
        means: Means<'m>,
    ) -> (Result<Reading, Fault>, Option<DateTime<Utc>>) {
        let asking = Asking {
            question,
            identity: identity(source),
            assign: means.assign,
            source: source.tenant,
            bound: self.max_rows_at_hub,
        };
        let asking = Mapped { asking, source, document, means };
        if let Some((reading, at)) = self.recall(&asking, Use::Fresh).await {
            source.meters().cached.increment(1);
            return (Ok(reading), Some(at));
        }
        match self.call_mapped(&asking).await {
            Err(fault) if may_stand_in(&fault) => match self.recall(&asking, Use::Stale).await {
                Some((reading, at)) => (Ok(Reading { error: Some(fault), ..reading }), Some(at)),
                None => (Err(fault), None),
            },
            result => (result, None),
        }
    }

    /// The same from kept answers alone.
    async fn recall(&self, mapped: &Mapped<'_, '_>, used: Use) -> Option<(Reading, DateTime<Utc>)> {
        let endpoint = mapped.source.endpoint.as_ref().filter(|endpoint| endpoint.cache > Duration::ZERO)?;
        let oldest = Mutex::new(DateTime::<Utc>::MAX_UTC);
        let find = |body: Bytes| -> BoxFuture<'_, Outcome> {
            let print = endpoint.fingerprint(mapped.means.subject, &body);
            let kept = self.cache.find(&print, used, endpoint.cache, self.clock.now());
            if let Some(kept) = &kept {
                let mut oldest = oldest.lock().unwrap_or_else(PoisonError::into_inner);
                *oldest = kept.at.min(*oldest);
            }
            let nothing = || Fault::new(Status::Skipped, "NOT_CACHED", "Nothing is kept.");
            Box::pin(ready(kept.map(|kept| kept.body).ok_or_else(nothing)))
        };
        let reading = mapped.page(&find).await.ok()?;
        Some((reading, oldest.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The same by calls; together they have the time of one.
    async fn call_mapped(&self, mapped: &Mapped<'_, '_>) -> Result<Reading, Fault> {
        let Mapped { asking: Asking { question, .. }, source, means, .. } = mapped;
        let endpoint = source.endpoint.as_ref();
        let timeout = endpoint.map_or(question.deadline, |endpoint| endpoint.timeout.min(question.deadline));
        let is_cached = endpoint.is_some_and(|endpoint| endpoint.cache > Duration::ZERO);
        // When the last call began, if it tells how the source does; and good answers.
        let noted = Mutex::new((None, Vec::new()));
        let call = |body: Bytes| -> BoxFuture<'_, Outcome> {
            let noted = &noted;
            Box::pin(async move {
                let print = endpoint.filter(|_| is_cached || self.shares_calls);
                let print = print.map(|endpoint| endpoint.fingerprint(means.subject, &body));
                let (outcome, start) = self.fetch(source, question.deadline, &body, (*means, print)).await;
                let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                noted.0 = start;
                if let (Ok(body), Some(print)) = (&outcome, print.filter(|_| is_cached)) {
                    noted.1.push((print, body.clone()));
                }
                outcome
            })
        };
        let result = tokio::time::timeout(timeout, mapped.page(&call)).await.unwrap_or_else(|_| Err(late(timeout)));
        let (start, answers): (Option<Instant>, Vec<_>) = noted.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(start) = start {
            // What the hub cannot do itself is no fault of the source.
            let error = result.as_ref().map_or_else(Some, |reading| reading.error.as_ref());
            self.settle(source, error.filter(|fault| fault.code != "HUB_LIMIT"), start.elapsed());
        }
        if result.as_ref().is_ok_and(|reading| reading.error.is_none()) {
            for (print, body) in answers {
                self.cache.keep(print, body, self.clock.now());
            }
        }
        result
    }
}

/// A question to a source with a schema of its own.
struct Mapped<'a, 'm> {
    asking: Asking<'a, 'm>,
    source: &'a Arc<Source>,
    document: &'a MappedDocument,
    means: Means<'m>,
}

impl Mapped<'_, '_> {
    async fn page(&self, call: &Call<'_>) -> Result<Reading, Fault> {
        let place = self.asking.question.places.get(&self.source.tenant);
        self.asking.page(self.document, place, call).await
    }
}

/// What ids and numbers of a source need.
pub(super) fn identity(source: &Source) -> Identity<'_> {
    let instance = source.instance.as_deref().and_then(|instance| instance.parse().ok()).unwrap_or_default();
    Identity { tenant: source.tenant, instance, numbers: &source.live.numbers }
}
