//! How each source took part, and the page that all parts make. It must not know how a source is reached.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    question::{Answer, Fault, LeftPlaces, Question, Report, Status},
    read::Reading,
    registry::Source,
};

/// How one source took part, before the page is made.
pub(super) struct Part {
    pub tenant: i64,
    pub took: Duration,
    pub missing_fields: Vec<String>,
    pub result: Result<Reading, Fault>,
    /// When its answer was read, if not now.
    pub cached_at: Option<DateTime<Utc>>,
}

impl Part {
    /// The page of all parts.
    pub fn combine(parts: Vec<Self>, question: &Question) -> Answer {
        let mut reports = Vec::with_capacity(parts.len());
        let mut pages = Vec::with_capacity(parts.len());
        let mut total = question.wants_total.then_some(0);
        let mut places = LeftPlaces { before: question.places.clone(), ..LeftPlaces::default() };
        for part in parts {
            let fault = part.fault().cloned();
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
                    if !reading.places.is_empty() {
                        places.here.insert(part.tenant, reading.places);
                    }
                    pages.push((reading.rows, reading.has_more));
                }
                Err(_) if report.is_failed() => total = None,
                Err(_) => {}
            }
            reports.push(report);
        }
        Answer::merge(pages, (question, places), total, reports)
    }

    /// Tells operators how a source took self.
    pub fn note(&self, source: &Source, span: &tracing::Span) {
        let fault = self.fault();
        let status = fault.map_or(Status::Ok, |fault| fault.status);
        let meters = source.meters();
        meters.note(status, self.took);
        if let Ok(reading) = &self.result {
            meters.rows.increment(reading.rows.len() as u64);
            meters.bytes.increment(reading.rows.answer_len() as u64);
        }
        span.record("status", status.word());
        if let Some(fault) = fault.filter(|_| status != Status::Skipped) {
            span.record("otel.status_code", "ERROR").record("code", fault.code);
            span.in_scope(|| tracing::warn!(source = source.name, %fault, "a source failed"));
        }
    }

    fn fault(&self) -> Option<&Fault> {
        match &self.result {
            Ok(reading) => reading.error.as_ref(),
            Err(fault) => Some(fault),
        }
    }
}
