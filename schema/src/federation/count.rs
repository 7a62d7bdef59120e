//! Asks all sources for their counts and sums and adds up what they answer until the deadline.
//! It must not know what is counted.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{
    Federation,
    ask::{body, late},
    fanout::{Means, is_within},
    question::{Fault, Report, SourceErrorMode, SourcesFailed, Status},
    registry::Source,
    totals::{Totals, TotalsAnswer, TotalsQuestion, add_up},
};

/// Most combinations that are answered.
const MOST_GROUPS: usize = 10_000;

type Counted = Result<(Totals, Option<Fault>), Fault>;

impl Federation {
    /// The totals of all sources.
    ///
    /// # Errors
    /// A source failed and the question says that none may.
    pub async fn totals(&self, question: &TotalsQuestion, means: Means<'_>) -> Result<TotalsAnswer, SourcesFailed> {
        let sources = self.registry.sources();
        let visible = sources.iter().filter(|source| is_within(question.visible.as_ref(), source.tenant));
        let parts = join_all(visible.map(|source| async move {
            let start = Instant::now();
            let found = self.count(source, question, means).await;
            (source.tenant, start.elapsed(), found)
        }));
        let mut answer = TotalsAnswer { totals: Totals::new(), reports: Vec::new() };
        for (tenant, took, found) in parts.await {
            let taken = found.and_then(|(totals, fault)| Ok((take(&mut answer.totals, totals)?, fault)));
            let (count, fault) = taken.unwrap_or_else(|fault| (0, Some(fault)));
            answer.reports.push(report(tenant, took, count, fault));
        }
        let failed: Vec<Report> = answer.reports.iter().filter(|report| report.is_failed()).cloned().collect();
        if question.mode == SourceErrorMode::Fail && !failed.is_empty() {
            return Err(SourcesFailed { reports: failed });
        }
        Ok(answer)
    }

    async fn count(&self, source: &Arc<Source>, question: &TotalsQuestion, means: Means<'_>) -> Counted {
        self.may_count(source, question)?;
        if source.is_local() {
            let answer =
                tokio::time::timeout(question.deadline, (means.local)(question.text(Some(source.tenant)))).await;
            return question.read(&answer.map_err(|_| late(question.deadline))?, source.tenant);
        }
        if source.is_mapped() {
            return self.count_rows(source, question, means).await;
        }
        let text = body(&question.text(None));
        let (outcome, started) = self.fetch(source, question.deadline, &text, (means, None)).await;
        let found = outcome.and_then(|answer| question.read(&answer, source.tenant));
        if let Some(start) = started {
            let fault = found.as_ref().map_or_else(Some, |(_, fault)| fault.as_ref());
            self.settle(source, fault, start.elapsed());
        }
        found
    }

    /// The rows of a source that counts nothing, counted here; all of them, or none.
    async fn count_rows(&self, source: &Arc<Source>, question: &TotalsQuestion, means: Means<'_>) -> Counted {
        let rows = question.of_rows(self.max_rows_at_hub);
        let document = Self::mapped_document(source, &rows)?;
        if let Some(missing) = document.missing_fields.first() {
            let message = format!("It does not offer {missing}, which is counted by.");
            return Err(Fault::new(Status::Skipped, "TOTALS_NOT_OFFERED", message));
        }
        let reading = self.ask_mapped(source, &rows, &document, means).await.0?;
        if reading.has_more {
            let message = format!("The hub counts at most {} rows of a source itself; it has more.", rows.first);
            return Err(Fault::new(Status::Partial, "HUB_LIMIT", message));
        }
        let texts = (0..reading.rows.len()).map(|row| {
            let mut text = String::new();
            reading.rows.copy_row(row, &mut text);
            text
        });
        let texts: Vec<String> = texts.collect();
        Ok((question.count(texts.iter().map(String::as_str), source.tenant)?, reading.error))
    }

    /// Whether the source is asked at all.
    fn may_count(&self, source: &Source, question: &TotalsQuestion) -> Result<(), Fault> {
        let skipped = |code, message: String| Err(Fault::new(Status::Skipped, code, message));
        if !is_within(question.tenants.as_ref(), source.tenant) {
            return skipped("NOT_SELECTED", "It was not among those asked.".into());
        }
        let collection = question.counted.collection;
        let asked = (collection, &[][..], question.condition.as_ref());
        if let Some((code, message)) = source.refusal(asked, self.clock.now()) {
            return skipped(code, message);
        }
        let lacking = source.collections.get(&collection).map_or(&[][..], |offer| &offer.missing_fields);
        if !source.is_mapped() && lacking.iter().any(|field| field == question.counted.field) {
            return skipped("TOTALS_NOT_OFFERED", format!("It has no {}.", question.counted.field));
        }
        Ok(())
    }
}

/// Adds what a source counted, and answers how many combinations that were.
fn take(all: &mut Totals, more: Totals) -> Result<usize, Fault> {
    let count = more.len();
    if all.len() + count > MOST_GROUPS {
        let message = format!("All totals together are more than {MOST_GROUPS}; group by less.");
        return Err(Fault::new(Status::Partial, "HUB_LIMIT", message));
    }
    add_up(all, more)?;
    Ok(count)
}

fn report(tenant: i64, took: Duration, row_count: usize, fault: Option<Fault>) -> Report {
    Report {
        tenant,
        status: fault.as_ref().map_or(Status::Ok, |fault| fault.status),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        row_count,
        code: fault.as_ref().map(|fault| fault.code),
        message: fault.map(|fault| fault.message),
        missing_fields: Vec::new(),
        cached_at: None,
    }
}
