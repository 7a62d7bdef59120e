//! Asks all sources at once and makes one page of what they answer until the deadline.
//! It must not know how a call is made or a row is written.

use std::{
    cmp::Ordering,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Instrument, field::Empty};

use super::{
    Federation,
    ask::{body, late},
    cache::Use,
    call::{Call, is_outage, may_stand_in, watch_recovery},
    document::Document,
    flights::{Fingerprint, Outcome},
    gather::gather,
    mapping::{document::MappedDocument, numbers::Assign},
    part::Part,
    question::{Answer, Fault, Question, Report, SourceErrorMode, SourcesFailed, Status},
    read::{Reading, read},
    registry::Source,
};

/// Makes the signed statement of who asks, for the source at an address.
pub type Assert<'a> = dyn Fn(&str) -> Arc<str> + Sync + 'a;

/// Answers an operation from the hub's own rows, as a source would over HTTP.
pub type Local<'a> = dyn Fn(String) -> BoxFuture<'a, String> + Sync + 'a;

/// What asking needs from whoever asks.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub assert: &'a Assert<'a>,
    /// Who asks, as the statement says it.
    pub subject: &'a str,
    pub local: &'a Local<'a>,
    pub assign: &'a Assign<'a>,
}

/// An operation as it is sent; the same for all sources that are asked the same.
struct Letter<'a> {
    document: Document<'a>,
    body: Bytes,
}

/// By what the operations for two sources differ.
#[derive(PartialEq)]
struct Difference<'a> {
    lacking: &'a [String],
    /// Where the source stands to the one with the last row of the page before.
    after: Option<Ordering>,
    viewer_number: Option<i64>,
}

/// What is done with a source.
enum Turn {
    Skipped(Fault),
    /// The operation that it is sent.
    Asked(usize),
    /// It is the hub itself.
    Own,
    /// It has a schema of its own.
    Mapped(Arc<MappedDocument>),
}

impl Federation {
    /// One page over all sources.
    ///
    /// # Errors
    /// A source failed and the question says that none may.
    pub async fn answer(&self, question: &Question, means: Means<'_>) -> Result<Answer, SourcesFailed> {
        let sources = self.registry.sources();
        let visible = sources.iter().filter(|source| is_within(question.visible.as_ref(), source.tenant));
        let mut differences = Vec::new();
        let turns: Vec<(&Arc<Source>, Turn)> =
            visible.map(|source| (source, self.turn(source, question, &mut differences))).collect();
        let letters: Vec<Letter<'_>> = differences
            .iter()
            .map(|(_, tenant)| {
                let lacking = sources
                    .iter()
                    .find(|source| source.tenant == *tenant)
                    .map_or(&[][..], |source| lacking(source, question));
                let document = Document::write(question, *tenant, lacking);
                Letter { body: body(&document.text), document }
            })
            .collect();
        let parts = turns.into_iter().map(|(source, turn)| self.part(source, turn, &letters, (question, means)));
        let answer = Part::combine(gather(parts, question).await, question);
        let failed: Vec<Report> = answer.reports.iter().filter(|report| report.is_failed()).cloned().collect();
        if question.mode == SourceErrorMode::Fail && !failed.is_empty() {
            return Err(SourcesFailed { reports: failed });
        }
        Ok(answer)
    }

    /// What is done with a source; a new difference is added with the company that it was found at.
    fn turn<'a>(
        &self,
        source: &'a Arc<Source>,
        question: &Question,
        differences: &mut Vec<(Difference<'a>, i64)>,
    ) -> Turn {
        if let Some(fault) = self.obstacle(source, question) {
            return Turn::Skipped(fault);
        }
        if source.is_local() {
            return Turn::Own;
        }
        if source.is_mapped() {
            return Self::mapped_document(source, question).map_or_else(Turn::Skipped, Turn::Mapped);
        }
        let difference = Difference {
            lacking: lacking(source, question),
            after: question.after.as_ref().map(|after| source.tenant.cmp(&after.tenant())),
            viewer_number: question.viewer_numbers.as_ref().and_then(|numbers| numbers.get(&source.tenant).copied()),
        };
        let known = differences.iter().position(|(known, _)| *known == difference);
        Turn::Asked(known.unwrap_or_else(|| {
            differences.push((difference, source.tenant));
            differences.len() - 1
        }))
    }

    async fn part(
        &self,
        source: &Arc<Source>,
        turn: Turn,
        letters: &[Letter<'_>],
        (question, means): (&Question, Means<'_>),
    ) -> Part {
        let span = tracing::info_span!(
            "source call",
            source = source.name,
            collection = question.collection.root_field(),
            otel.kind = "client",
            otel.status_code = Empty,
            status = Empty,
            code = Empty,
        );
        let start = Instant::now();
        let told = |missing_fields: &[String], result, cached_at| Part {
            tenant: source.tenant,
            took: start.elapsed(),
            missing_fields: missing_fields.to_vec(),
            result,
            cached_at,
        };
        let part = match turn {
            Turn::Skipped(fault) => Part { took: Duration::ZERO, ..told(&[], Err(fault), None) },
            Turn::Own => {
                let own = question.of_own_rows(source.tenant);
                let document = Document::write(&own, source.tenant, lacking(source, question));
                let result = Box::pin(own_rows(source, &own, &document, means)).instrument(span.clone()).await;
                told(&document.missing_fields, result, None)
            }
            Turn::Mapped(document) => {
                // Large, and in place it would be room in the part of every source.
                let asked = Box::pin(self.ask_mapped(source, question, &document, means));
                let (result, cached_at) = asked.instrument(span.clone()).await;
                told(&document.missing_fields, result, cached_at)
            }
            Turn::Asked(letter) => {
                let letter = &letters[letter];
                let (result, cached_at) = self.ask(source, question, letter, means).instrument(span.clone()).await;
                told(&letter.document.missing_fields, result, cached_at)
            }
        };
        part.note(source, &span);
        part
    }

    /// Why the source is not called at all.
    fn obstacle(&self, source: &Source, question: &Question) -> Option<Fault> {
        let skipped = |code, message: String| Some(Fault::new(Status::Skipped, code, message));
        if !is_within(question.tenants.as_ref(), source.tenant) {
            return skipped("NOT_SELECTED", "It was not among those asked.".into());
        }
        let order: Vec<&str> = question.order.iter().map(|key| key.field.as_str()).collect();
        let asked = (question.collection, order.as_slice(), question.condition.as_ref());
        if let Some((code, message)) = source.refusal(asked, self.clock.now()) {
            return skipped(code, message);
        }
        if question.viewer_numbers.as_ref().is_some_and(|numbers| !numbers.contains_key(&source.tenant)) {
            return skipped("NOT_MAPPED", "You have no key there.".into());
        }
        None
    }

    /// Rows from the cache, by a call, or, if that fails, from the cache after all.
    async fn ask(
        &self,
        source: &Arc<Source>,
        question: &Question,
        letter: &Letter<'_>,
        means: Means<'_>,
    ) -> (Result<Reading, Fault>, Option<DateTime<Utc>>) {
        let Some(endpoint) = &source.endpoint else { return (Err(no_endpoint()), None) };
        let read = |body: &Arc<String>| read(body, question, &letter.document, source.tenant);
        let is_cached = endpoint.cache > Duration::ZERO;
        let print = (is_cached || self.shares_calls).then(|| endpoint.fingerprint(means.subject, &letter.body));
        let find =
            |used| self.cache.find(print.as_ref().filter(|_| is_cached)?, used, endpoint.cache, self.clock.now());
        if let Some(kept) = find(Use::Fresh) {
            source.meters().cached.increment(1);
            return (read(&kept.body), Some(kept.at));
        }
        let (outcome, started) = self.fetch(source, question.deadline, &letter.body, (means, print)).await;
        let reading = outcome.and_then(|body| read(&body).map(|reading| (reading, body)));
        if let Some(start) = started {
            let error = reading.as_ref().map_or_else(Some, |(reading, _)| reading.error.as_ref());
            self.settle(source, error, start.elapsed());
        }
        match reading {
            Ok((reading, body)) => {
                if let Some(print) = print.filter(|_| is_cached && reading.error.is_none()) {
                    self.cache.keep(print, body, self.clock.now());
                }
                (Ok(reading), None)
            }
            Err(fault) => match find(Use::Stale).filter(|_| may_stand_in(&fault)) {
                Some(kept) => {
                    (read(&kept.body).map(|reading| Reading { error: Some(fault), ..reading }), Some(kept.at))
                }
                None => (Err(fault), None),
            },
        }
    }

    /// Joins a call that is under way, or makes one; then also says when it began, if that tells how the source does.
    pub(super) async fn fetch(
        &self,
        source: &Arc<Source>,
        deadline: Duration,
        body: &Bytes,
        (means, print): (Means<'_>, Option<Fingerprint>),
    ) -> (Outcome, Option<Instant>) {
        let Some(endpoint) = &source.endpoint else { return (Err(no_endpoint()), None) };
        let timeout = endpoint.timeout.min(deadline);
        let print = print.filter(|_| self.shares_calls);
        if let Some(flight) = print.and_then(|print| self.flights.find(&print)) {
            source.meters().shared.increment(1);
            return (in_time(flight, timeout).await, None);
        }
        let permit = match admit(source) {
            Ok(permit) => permit,
            Err(fault) => return (Err(fault), None),
        };
        let start = Instant::now();
        let call = Call {
            caller: self.caller.clone(),
            source: source.clone(),
            body: body.clone(),
            assertion: (means.assert)(&endpoint.url),
            // Who joins may have more time.
            timeout: if print.is_some() { endpoint.timeout } else { timeout },
            added: self.added,
        };
        let call = async move {
            let outcome = call.run().await;
            drop(permit);
            outcome
        };
        let outcome = match print {
            Some(print) => in_time(self.flights.start(print, call), timeout).await,
            None => call.await,
        };
        // A client in a hurry says nothing about the source.
        let is_late = outcome.as_ref().is_err_and(|fault| fault.status == Status::TimedOut);
        let is_hurried = is_late && timeout < endpoint.timeout.min(self.deadline);
        (outcome, (!is_hurried).then_some(start))
    }

    /// Notes how a call went.
    pub(super) fn settle(&self, source: &Arc<Source>, error: Option<&Fault>, took: Duration) {
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

fn no_endpoint() -> Fault {
    Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its address or credential is not known.")
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

fn lacking<'a>(source: &'a Source, question: &Question) -> &'a [String] {
    source.collections.get(&question.collection).map_or(&[][..], |offer| &offer.missing_fields)
}

/// The hub's own rows: no call that could fail, but the same reading and the same deadline.
async fn own_rows(
    source: &Source,
    question: &Question,
    document: &Document<'_>,
    means: Means<'_>,
) -> Result<Reading, Fault> {
    let answer = tokio::time::timeout(question.deadline, (means.local)(document.text.clone())).await;
    read(&Arc::new(answer.map_err(|_| late(question.deadline))?), question, document, source.tenant)
}

pub(super) fn is_within(tenants: Option<&Vec<i64>>, tenant: i64) -> bool {
    tenants.is_none_or(|tenants| tenants.contains(&tenant))
}

#[cfg(test)]
#[path = "tests/fanout.rs"]
mod tests;
