//! Asks all sources at once and makes one page of what they answer until the deadline.
//! It must not know how a call is made or a row is written.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, join_all};
use tracing::{Instrument, field::Empty};

use super::{
    Federation,
    cursor::Place,
    document::Document,
    mapping::{
        document::{Identity, MappedDocument},
        numbers::Assign,
        pages::Asking,
    },
    merge::{Batch, merge},
    question::{Answer, Fault, Question, Report, Row, SourceErrorMode, SourcesFailed, Status},
    read::{Reading, read},
    registry::{Live, Source},
};

/// Makes the signed statement of who asks, for the source at an address.
pub type Assert<'a> = dyn Fn(&str) -> String + Sync + 'a;

/// Answers an operation from the hub's own rows, as a source would over HTTP.
pub type Local<'a> = dyn Fn(String) -> BoxFuture<'a, String> + Sync + 'a;

/// What asking needs from whoever asks.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub assert: &'a Assert<'a>,
    pub local: &'a Local<'a>,
    pub assign: &'a Assign<'a>,
}

/// What one source is asked.
enum Asked<'a> {
    Native(Document<'a>),
    Mapped(Box<MappedDocument>),
}

impl Asked<'_> {
    fn take_missing_fields(self) -> Vec<String> {
        match self {
            Self::Native(document) => document.missing_fields,
            Self::Mapped(document) => document.missing_fields,
        }
    }
}

/// How one source took part, before the page is made.
struct Part {
    tenant: i64,
    took: Duration,
    missing_fields: Vec<String>,
    result: Result<Reading, Fault>,
}

impl Federation {
    /// One page over all sources.
    ///
    /// # Errors
    /// A source failed and the question says that none may.
    pub async fn answer(&self, question: &Question, means: Means<'_>) -> Result<Answer, SourcesFailed> {
        let sources = self.registry.sources();
        let visible = sources.iter().filter(|source| is_within(question.visible.as_ref(), source.tenant));
        let parts = join_all(visible.map(|source| self.part(source, question, means))).await;
        let answer = combine(parts, question);
        let failed: Vec<Report> = answer.reports.iter().filter(|report| report.is_failed()).cloned().collect();
        if question.mode == SourceErrorMode::Fail && !failed.is_empty() {
            return Err(SourcesFailed { reports: failed });
        }
        Ok(answer)
    }

    async fn part(&self, source: &Source, question: &Question, means: Means<'_>) -> Part {
        let tenant = source.tenant;
        let mut part = Part {
            tenant,
            took: Duration::ZERO,
            missing_fields: Vec::new(),
            result: Err(Fault::new(Status::Skipped, "NOT_SELECTED", "It was not among those asked.")),
        };
        if let Some(fault) = self.obstacle(source, question) {
            part.result = Err(fault);
            count(source, Status::Skipped);
            return part;
        }
        let own = source.is_local().then(|| question.of_own_rows(tenant));
        let question = own.as_ref().unwrap_or(question);
        let document = match asked(source, question) {
            Ok(document) => document,
            Err(fault) => {
                part.result = Err(fault);
                count(source, Status::Skipped);
                return part;
            }
        };
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
        part.result = self.ask(source, question, &document, means).instrument(span.clone()).await;
        part.took = start.elapsed();
        let fault = fault(&part.result);
        let status = fault.map_or(Status::Ok, |fault| fault.status);
        span.record("status", status.word());
        if let Some(fault) = fault {
            span.record("otel.status_code", "ERROR").record("code", fault.code);
            span.in_scope(|| tracing::warn!(source = source.name, %fault, "a source failed"));
        }
        count(source, status);
        let labels = [("source", source.name.clone()), ("status", status.word().to_owned())];
        metrics::histogram!("groupgraph_source_seconds", &labels).record(part.took.as_secs_f64());
        part.missing_fields = document.take_missing_fields();
        part
    }

    /// Why the source is not called at all.
    fn obstacle(&self, source: &Source, question: &Question) -> Option<Fault> {
        let skipped = |code, message: String| Some(Fault::new(Status::Skipped, code, message));
        if !is_within(question.tenants.as_ref(), source.tenant) {
            return skipped("NOT_SELECTED", "It was not among those asked.".into());
        }
        let order: Vec<&str> = question.order.iter().map(|key| key.field.as_str()).collect();
        if let Some((code, message)) = source.refusal(question.collection, &order, self.clock.now()) {
            return skipped(code, message);
        }
        if question.viewer_numbers.as_ref().is_some_and(|numbers| !numbers.contains_key(&source.tenant)) {
            return skipped("NOT_MAPPED", "You have no key there.".into());
        }
        None
    }

    async fn ask(
        &self,
        source: &Source,
        question: &Question,
        document: &Asked<'_>,
        means: Means<'_>,
    ) -> Result<Reading, Fault> {
        if let (true, Asked::Native(document)) = (source.is_local(), document) {
            return own_rows(source, question, document, means).await;
        }
        let Some(endpoint) = &source.endpoint else {
            return Err(Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its address or credential is not known."));
        };
        let Ok(_permit) = source.live.permits.try_acquire() else {
            return Err(Fault::new(Status::Skipped, "BUSY", "Too many calls are under way."));
        };
        let Some(admission) = Admission::new(&source.live) else {
            return Err(Fault::new(
                Status::Skipped,
                "BREAKER_OPEN",
                "It failed several times; it is tried again soon.",
            ));
        };
        let start = Instant::now();
        let timeout = endpoint.timeout.min(question.deadline);
        let assertion = (means.assert)(&endpoint.url);
        let result = match document {
            Asked::Native(document) => match self.caller.post(endpoint, &document.text, &assertion, timeout).await {
                Ok(body) => read(&body, question, document, source.tenant),
                Err(fault) => Err(fault),
            },
            Asked::Mapped(document) => {
                let call =
                    |body| -> BoxFuture<'_, _> { Box::pin(self.caller.send(endpoint, body, &assertion, timeout)) };
                let asking = self.mapped(source, question, means);
                let pages = asking.page(document, question.places.get(&source.tenant), &call);
                let late = || Fault::new(Status::TimedOut, "TIMED_OUT", "There was no complete answer in time.");
                let pages = tokio::time::timeout(timeout, pages).await.map_err(|_| late()).flatten();
                pages.map(|pages| Reading {
                    batch: Batch { rows: pages.rows, has_more: pages.has_more },
                    total: pages.total,
                    error: pages.error,
                    places: pages.places,
                })
            }
        };
        let error = fault(&result);
        // A client in a hurry says nothing about the source.
        let is_hurried = error.is_some_and(|fault| fault.status == Status::TimedOut)
            && timeout < endpoint.timeout.min(self.deadline);
        if !is_hurried {
            let message = error.map(ToString::to_string);
            source.live.health().note(Instant::now(), start.elapsed(), message, self.clock.now());
            admission.settle(error.is_some_and(is_outage));
        }
        result
    }
}

impl Federation {
    fn mapped<'a, 'b>(&self, source: &'a Source, question: &'a Question, means: Means<'b>) -> Asking<'a, 'b>
    where
        'b: 'a,
    {
        Asking {
            question,
            identity: identity(source),
            assign: means.assign,
            source: source.tenant,
            bound: self.max_rows_at_hub,
        }
    }
}

fn identity(source: &Source) -> Identity<'_> {
    let instance = source.instance.as_deref().and_then(|instance| instance.parse().ok()).unwrap_or_default();
    Identity { tenant: source.tenant, instance, numbers: &source.live.numbers }
}

/// The operation for a source.
fn asked<'a>(source: &Source, question: &'a Question) -> Result<Asked<'a>, Fault> {
    if source.is_mapped() {
        let mapping = source.mappings.get(&question.collection);
        let mapping =
            mapping.ok_or_else(|| Fault::new(Status::Skipped, "NOT_OFFERED", "It has no mapping for this."))?;
        return Ok(Asked::Mapped(Box::new(MappedDocument::write(mapping, question, identity(source))?)));
    }
    let lacking = source.collections.get(&question.collection).map_or(&[][..], |offer| &offer.missing_fields);
    Ok(Asked::Native(Document::write(question, source.tenant, lacking)))
}

/// The hub's own rows: no call that could fail, but the same reading and the same deadline.
async fn own_rows(
    source: &Source,
    question: &Question,
    document: &Document<'_>,
    means: Means<'_>,
) -> Result<Reading, Fault> {
    let answer = tokio::time::timeout(question.deadline, (means.local)(document.text.clone())).await;
    let late = || Fault::new(Status::TimedOut, "TIMED_OUT", "There was no complete answer in time.");
    read(&answer.map_err(|_| late())?, question, document, source.tenant)
}

fn is_within(tenants: Option<&Vec<i64>>, tenant: i64) -> bool {
    tenants.is_none_or(|tenants| tenants.contains(&tenant))
}

fn fault(result: &Result<Reading, Fault>) -> Option<&Fault> {
    match result {
        Ok(reading) => reading.error.as_ref(),
        Err(fault) => Some(fault),
    }
}

/// Whether a failure speaks against further calls; refusals and errors of one question do not.
fn is_outage(fault: &Fault) -> bool {
    match fault.status {
        Status::TimedOut | Status::Unreachable => true,
        Status::Invalid => fault.code != "SOURCE_ERRORS",
        Status::Refused => fault.code == "RATE_LIMITED",
        Status::Ok | Status::Partial | Status::Skipped => false,
    }
}

fn count(source: &Source, status: Status) {
    let labels = [("source", source.name.clone()), ("status", status.word().to_owned())];
    metrics::counter!("groupgraph_source_calls_total", &labels).increment(1);
}

/// A call that the breaker let through. Dropped without `settle`, it leaves the breaker as it was.
struct Admission<'a>(Option<&'a Live>);

impl<'a> Admission<'a> {
    fn new(live: &'a Live) -> Option<Self> {
        let is_admitted = live.breaker().admit(Instant::now());
        is_admitted.then(|| Self(Some(live)))
    }

    fn settle(mut self, is_failed: bool) {
        if let Some(live) = self.0.take() {
            if is_failed { live.breaker().fail(Instant::now()) } else { live.breaker().succeed() }
        }
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if let Some(live) = self.0 {
            live.breaker().cancel();
        }
    }
}

fn combine(parts: Vec<Part>, question: &Question) -> Answer {
    let mut reports = Vec::with_capacity(parts.len());
    let mut batches = Vec::with_capacity(parts.len());
    let mut total = question.wants_total.then_some(0);
    let mut places: HashMap<i64, Vec<Place>> = HashMap::new();
    for part in parts {
        let fault = fault(&part.result).cloned();
        let report = Report {
            tenant: part.tenant,
            status: fault.as_ref().map_or(Status::Ok, |fault| fault.status),
            took_ms: u64::try_from(part.took.as_millis()).unwrap_or(u64::MAX),
            row_count: 0,
            code: fault.as_ref().map(|fault| fault.code),
            message: fault.map(|fault| fault.message),
            missing_fields: part.missing_fields,
        };
        match part.result {
            Ok(reading) => {
                total = total.zip(reading.total).map(|(sum, count)| sum + count);
                if !reading.places.is_empty() {
                    places.insert(part.tenant, reading.places);
                }
                batches.push(reading.batch);
            }
            Err(_) if report.is_failed() => total = None,
            Err(_) => {}
        }
        reports.push(report);
    }
    let merged = merge(batches, question.first);
    let mut row_counts: HashMap<i64, usize> = HashMap::new();
    let start_cursor = merged.rows.first().map(|(cursor, _)| cursor.write());
    let mut left = question.places.clone();
    left.extend(places.iter().filter_map(|(tenant, places)| Some((*tenant, places.first()?.clone()))));
    let end = merged.rows.last().map(|(cursor, _)| cursor.clone());
    let finish = |(cursor, json): (super::cursor::Cursor, String)| {
        let count = row_counts.entry(cursor.tenant()).or_default();
        *count += 1;
        if let Some(place) = places.get(&cursor.tenant()).and_then(|places| places.get(*count)) {
            left.insert(cursor.tenant(), place.clone());
        }
        Row { tenant: cursor.tenant(), json, cursor: question.wants_cursors.then(|| cursor.write_with(&left)) }
    };
    let rows = merged.rows.into_iter().map(finish).collect();
    let end_cursor = end.map(|cursor| cursor.write_with(&left));
    for report in &mut reports {
        report.row_count = row_counts.get(&report.tenant).copied().unwrap_or(0);
    }
    Answer { rows, has_next_page: merged.has_next_page, start_cursor, end_cursor, total, reports }
}

#[cfg(test)]
#[path = "tests/fanout.rs"]
mod tests;
