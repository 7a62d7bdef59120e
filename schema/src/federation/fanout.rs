//! Asks all sources at once and makes one page of what they answer until the deadline.
//! It must not know how a call is made or a row is written.

use std::{
    cmp::Ordering,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, join_all};
use tracing::{Instrument, field::Empty};

use super::{
    Federation,
    ask::{body, late},
    calls::Calls,
    document::Document,
    mapping::{
        document::{Identity, MappedDocument},
        numbers::Assign,
        pages::Asking,
    },
    question::{Answer, Fault, Page, Question, Report, SourceErrorMode, SourcesFailed, Status},
    read::{Reading, read},
    registry::Source,
    rows::Rows,
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

/// How one source took part, before the page is made.
struct Part {
    tenant: i64,
    took: Duration,
    missing_fields: Vec<String>,
    result: Result<Reading, Fault>,
    /// When its answer was read, if not now.
    cached_at: Option<DateTime<Utc>>,
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
    /// The operation of a source with a schema of its own.
    Mapped(Box<MappedDocument>),
    /// It is the hub itself.
    Own,
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
        let parts = turns.into_iter().map(|(source, turn)| self.part(source, turn, question, &letters, means));
        let answer = combine(join_all(parts).await, question);
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
            return match mapped(source, question) {
                Ok(document) => Turn::Mapped(Box::new(document)),
                Err(fault) => Turn::Skipped(fault),
            };
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
        question: &Question,
        letters: &[Letter<'_>],
        means: Means<'_>,
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
                let result = own_rows(source, &own, &document, means).instrument(span.clone()).await;
                told(&document.missing_fields, result, None)
            }
            Turn::Asked(letter) => {
                let Letter { document, body } = &letters[letter];
                let ask = async |calls: &Calls<'_, '_>| {
                    calls.make(body.clone()).await.and_then(|body| read(&body, question, document, source.tenant))
                };
                let (result, cached_at) = self.ask(source, question, means, ask).instrument(span.clone()).await;
                told(&document.missing_fields, result, cached_at)
            }
            Turn::Mapped(document) => {
                let ask = async |calls: &Calls<'_, '_>| self.mapped(source, question, &document, means, calls).await;
                let (result, cached_at) = self.ask(source, question, means, ask).instrument(span.clone()).await;
                told(&document.missing_fields, result, cached_at)
            }
        };
        note(source, &part, &span);
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
        source: &Arc<Source>,
        question: &Question,
        means: Means<'_>,
        ask: impl AsyncFnOnce(&Calls<'_, '_>) -> Result<Reading, Fault>,
    ) -> (Result<Reading, Fault>, Option<DateTime<Utc>>) {
        let Some(endpoint) = &source.endpoint else {
            let fault = Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its address or credential is not known.");
            return (Err(fault), None);
        };
        let calls = Calls::new(self, (source, endpoint), means, question.deadline);
        let reading = ask(&calls).await;
        calls.finish(reading)
    }

    /// As many calls as a page of a source with a schema of its own takes.
    async fn mapped(
        &self,
        source: &Source,
        question: &Question,
        document: &MappedDocument,
        means: Means<'_>,
        calls: &Calls<'_, '_>,
    ) -> Result<Reading, Fault> {
        let call = by(calls);
        let asking = self.asking(source, question, means);
        let pages = asking.page(document, question.places.get(&source.tenant), &call);
        let timeout = calls.timeout();
        let pages = tokio::time::timeout(timeout, pages).await.unwrap_or_else(|_| Err(late(timeout)))?;
        let rows = Rows::finished(&pages.rows, &question.order, source.tenant);
        let page = Page { rows, has_more: pages.has_more, places: pages.places };
        Ok(Reading { page, total: pages.total, error: pages.error })
    }

    fn asking<'a, 'b: 'a>(&self, source: &'a Source, question: &'a Question, means: Means<'b>) -> Asking<'a, 'b> {
        Asking {
            question,
            identity: identity(source),
            assign: means.assign,
            source: source.tenant,
            bound: self.max_rows_at_hub,
        }
    }
}

/// Calls as mapped sources are asked.
fn by<'a>(calls: &'a Calls<'_, '_>) -> impl Fn(String) -> BoxFuture<'a, Result<String, Fault>> + Sync {
    move |body| Box::pin(async move { calls.make(body.into()).await.map(Arc::unwrap_or_clone) })
}

fn identity(source: &Source) -> Identity<'_> {
    let instance = source.instance.as_deref().and_then(|instance| instance.parse().ok()).unwrap_or_default();
    Identity { tenant: source.tenant, instance, numbers: &source.live.numbers }
}

/// The operation for a source with a schema of its own.
fn mapped(source: &Source, question: &Question) -> Result<MappedDocument, Fault> {
    let mapping = source.mappings.get(&question.collection);
    let mapping = mapping.ok_or_else(|| Fault::new(Status::Skipped, "NOT_OFFERED", "It has no mapping for this."))?;
    MappedDocument::write(mapping, question, identity(source))
}

fn lacking<'a>(source: &'a Source, question: &Question) -> &'a [String] {
    source.collections.get(&question.collection).map_or(&[][..], |offer| &offer.missing_fields)
}

/// Tells operators how a source took part.
fn note(source: &Source, part: &Part, span: &tracing::Span) {
    let fault = fault(&part.result);
    let status = fault.map_or(Status::Ok, |fault| fault.status);
    let meters = source.meters();
    meters.note(status, part.took);
    if let Ok(reading) = &part.result {
        meters.rows.increment(reading.page.rows.len() as u64);
        meters.bytes.increment(reading.page.rows.answer_len() as u64);
    }
    span.record("status", status.word());
    if let Some(fault) = fault.filter(|_| status != Status::Skipped) {
        span.record("otel.status_code", "ERROR").record("code", fault.code);
        span.in_scope(|| tracing::warn!(source = source.name, %fault, "a source failed"));
    }
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

fn is_within(tenants: Option<&Vec<i64>>, tenant: i64) -> bool {
    tenants.is_none_or(|tenants| tenants.contains(&tenant))
}

fn fault(result: &Result<Reading, Fault>) -> Option<&Fault> {
    match result {
        Ok(reading) => reading.error.as_ref(),
        Err(fault) => Some(fault),
    }
}

fn combine(parts: Vec<Part>, question: &Question) -> Answer {
    let mut reports = Vec::with_capacity(parts.len());
    let mut pages = Vec::with_capacity(parts.len());
    let mut total = question.wants_total.then_some(0);
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
            cached_at: part.cached_at,
        };
        match part.result {
            Ok(reading) => {
                total = total.zip(reading.total).map(|(sum, count)| sum + count);
                pages.push(reading.page);
            }
            Err(_) if report.is_failed() => total = None,
            Err(_) => {}
        }
        reports.push(report);
    }
    Answer::merge(pages, question, total, reports)
}

#[cfg(test)]
#[path = "tests/fanout.rs"]
mod tests;
