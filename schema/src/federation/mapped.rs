//! Asks a source with a schema of its own: one call, or several where it pages in its own way.
//! It must not know mappings.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::{
    Federation,
    ask::late,
    fanout::Means,
    flights::{Outcome, fingerprint},
    mapping::{
        document::{Identity, MappedDocument},
        pages::Asking,
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

    /// Rows of a source, by as many calls as that takes; together they have the time of one.
    pub(super) async fn ask_mapped(
        &self,
        source: &Arc<Source>,
        question: &Question,
        document: &MappedDocument,
        means: Means<'_>,
    ) -> Result<Reading, Fault> {
        let timeout =
            source.endpoint.as_ref().map_or(question.deadline, |endpoint| endpoint.timeout.min(question.deadline));
        // When the last call began, if it tells how the source does.
        let started = Mutex::new(None);
        let call = |body: Bytes| -> BoxFuture<'_, Outcome> {
            let started = &started;
            Box::pin(async move {
                let print = source.endpoint.as_ref().filter(|_| self.shares_calls).map(|endpoint| {
                    let credential = endpoint.credential.expose();
                    fingerprint(&[endpoint.url.as_bytes(), credential.as_bytes(), means.subject.as_bytes(), &body])
                });
                let (outcome, start) = self.fetch(source, question.deadline, &body, (means, print)).await;
                *started.lock().unwrap_or_else(PoisonError::into_inner) = start;
                outcome
            })
        };
        let asking = Asking {
            question,
            identity: identity(source),
            assign: means.assign,
            source: source.tenant,
            bound: self.max_rows_at_hub,
        };
        let pages = asking.page(document, question.places.get(&source.tenant), &call);
        let result = tokio::time::timeout(timeout, pages).await.unwrap_or_else(|_| Err(late(timeout)));
        let start: Option<Instant> = *started.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(start) = start {
            // What the hub cannot do itself is no fault of the source.
            let error = result.as_ref().map_or_else(Some, |reading| reading.error.as_ref());
            self.settle(source, error.filter(|fault| fault.code != "HUB_LIMIT"), start.elapsed());
        }
        result
    }
}

/// What ids and numbers of a source need.
pub(super) fn identity(source: &Source) -> Identity<'_> {
    let instance = source.instance.as_deref().and_then(|instance| instance.parse().ok()).unwrap_or_default();
    Identity { tenant: source.tenant, instance, numbers: &source.live.numbers }
}
