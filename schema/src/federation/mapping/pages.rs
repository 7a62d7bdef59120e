//! Calls to a foreign server until a page is full: where a source orders and limits itself, as many as that takes;
//! where it does not, all its rows within a bound, ordered at the hub. It must not know how a call is made.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::{
    Paging,
    document::{Identity, MappedDocument},
    numbers::Assign,
    read::{Page, Raw},
};
use crate::federation::{
    cursor::Place,
    flights::Outcome,
    question::{Fault, Question, Status},
    read::{Reading, wrong},
    rows::Rows,
    scan::{self, Paths},
};

/// Most calls for one page; further rows come with the next page.
const MOST_CALLS: usize = 12;

/// Sends a body and gives the answer.
pub type Call<'a> = dyn Fn(Bytes) -> BoxFuture<'a, Outcome> + Sync + 'a;

/// What asking needs.
pub struct Asking<'a, 'b> {
    pub question: &'a Question,
    pub identity: Identity<'a>,
    pub assign: &'a Assign<'b>,
    pub source: i64,
    /// Most rows that the hub reads to order or filter them itself.
    pub bound: usize,
}

impl Asking<'_, '_> {
    /// Asks for one page after a place, by a call that takes a body and gives an answer.
    ///
    /// # Errors
    /// A call failed, an answer is wrong, or there is more than the hub orders itself.
    pub async fn page(
        &self,
        document: &MappedDocument,
        after: Option<&Place>,
        call: &Call<'_>,
    ) -> Result<Reading, Fault> {
        if document.keeps_place() {
            return self.in_order(document, after, call).await;
        }
        if document.is_ordered && !document.is_whole() {
            return self.by_keyset(document, call).await;
        }
        self.whole(document, call).await
    }

    /// Asks for the first rows as they come, to try a source out.
    ///
    /// # Errors
    /// The call failed, or the answer is wrong.
    pub async fn first_page(&self, document: &MappedDocument, call: &Call<'_>) -> Result<Reading, Fault> {
        let (first, body) = document.page(self.question.first, &document.start(), None);
        let first = (!document.is_whole()).then_some(first);
        Ok(self.finished(document, self.read(&call(body).await?, document, first).await?))
    }

    /// Rows after our own cursor, in the source's order.
    async fn by_keyset(&self, document: &MappedDocument, call: &Call<'_>) -> Result<Reading, Fault> {
        let (mut all, mut after) = (Page::default(), self.question.after.clone());
        for _ in 0..MOST_CALLS {
            let keyset = after.as_ref().map(|after| after.for_tenant(self.identity.tenant));
            let (first, body) = document.page(self.question.first, &document.start(), keyset.as_deref());
            let mut page = self.read(&call(body).await?, document, Some(first)).await?;
            after = page.rows.last().map(|(cursor, _)| cursor.clone()).or(after);
            page.rows.retain(|(_, row)| row.is_some());
            all.rows.append(&mut page.rows);
            (all.has_more, all.total) = (page.has_more, all.total.or(page.total));
            all.error = all.error.or(page.error);
            if !all.has_more || all.rows.len() >= self.question.first {
                break;
            }
        }
        if all.rows.is_empty() && all.has_more {
            return Err(found_nothing());
        }
        Ok(self.finished(document, all))
    }

    /// All rows of the source, ordered here.
    async fn whole(&self, document: &MappedDocument, call: &Call<'_>) -> Result<Reading, Fault> {
        let mut all = Page::default();
        let mut place = document.start();
        loop {
            let (first, body) = document.page(self.bound, &place, None);
            let first = (!document.is_whole()).then_some(first);
            let answer = call(body).await?;
            if let Some(reading) = self.copied(document, &answer) {
                return Ok(reading);
            }
            let mut page = self.read(&answer, document, first).await?;
            let has_more = page.has_more && !document.is_whole();
            next(document, &mut page, &mut place)?;
            all.rows.append(&mut page.rows);
            all.error = all.error.or(page.error);
            if all.rows.len() > self.bound || (has_more && all.rows.len() == self.bound) {
                let message = format!("The hub orders at most {} rows of a source itself; it has more.", self.bound);
                return Err(Fault::new(Status::Partial, "HUB_LIMIT", message));
            }
            if !has_more {
                break;
            }
        }
        all.rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some(pair) = all.rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let message = format!("The number {} comes twice.", pair[0].0.number());
            return Err(Fault::new(Status::Invalid, "WRONG_SHAPE", message));
        }
        all.rows.retain(|(_, row)| row.is_some());
        all.total = self.question.wants_total.then(|| i64::try_from(all.rows.len()).unwrap_or(i64::MAX));
        Ok(self.finished(document, all))
    }

    /// Rows in the source's own order, from where it was left.
    async fn in_order(
        &self,
        document: &MappedDocument,
        after: Option<&Place>,
        call: &Call<'_>,
    ) -> Result<Reading, Fault> {
        let wanted = self.question.first;
        let mut out = Page { has_more: true, ..Page::default() };
        let mut places = Vec::new();
        let mut place = after.cloned().unwrap_or_else(|| document.start());
        // Where it is left if the next row is not taken.
        let mut left = place.clone();
        // Without a place of its own it begins anew, and what lies before ours is passed over.
        let passed = self.question.after.as_ref().filter(|_| after.is_none());
        for _ in 0..MOST_CALLS {
            let start = place.clone();
            let (first, body) = document.page(wanted.max(start.skip_in_page() + 1), &start, None);
            let mut page = self.read(&call(body).await?, document, Some(first)).await?;
            next(document, &mut page, &mut place)?;
            let last = page.rows.len().saturating_sub(1);
            for (index, (cursor, row)) in page.rows.into_iter().enumerate().skip(start.skip_in_page()) {
                let is_passed = passed.is_some_and(|after| cursor <= *after);
                let is_end = index == last && page.has_more;
                let here = if is_end { place.clone() } else { start.further(index + 1) };
                let before = std::mem::replace(&mut left, here);
                if let Some(row) = row.filter(|_| !is_passed) {
                    places.push(before);
                    out.rows.push((cursor, Some(row)));
                }
            }
            out.total = out.total.or(page.total);
            out.error = out.error.or(page.error);
            out.has_more = page.has_more;
            if !page.has_more || out.rows.len() >= wanted {
                break;
            }
        }
        if out.rows.is_empty() && out.has_more {
            return Err(found_nothing());
        }
        places.push(left);
        places.truncate(out.rows.len().min(wanted) + 1);
        Ok(Reading { places, ..self.finished(document, out) })
    }

    /// Rows after the cursor, as many as were asked for.
    fn finished(&self, document: &MappedDocument, page: Page) -> Reading {
        let after = self.question.after.as_ref().filter(|_| !document.keeps_place());
        let rows = page.rows.into_iter().filter(|(cursor, _)| after.is_none_or(|after| cursor > after));
        let mut rows: Vec<_> = rows.filter_map(|(cursor, row)| Some((cursor, row?))).collect();
        let has_more = page.has_more || rows.len() > self.question.first;
        rows.truncate(self.question.first);
        // What the server counts knows nothing of the hub's tests.
        let is_counted = document.condition.is_none() || !document.is_ordered;
        Reading {
            rows: Rows::finished(&rows, &self.question.order, self.identity.tenant),
            has_more,
            total: page.total.filter(|_| is_counted),
            error: page.error,
            places: Vec::new(),
        }
    }

    /// An answer of which everything is there and in order, in one walk over its bytes; none for others.
    fn copied(&self, document: &MappedDocument, body: &Arc<String>) -> Option<Reading> {
        let (layout, fillings) =
            document.layout.as_ref().filter(|_| document.is_whole() && self.question.after.is_none())?;
        let (question, tenant) = (self.question, self.identity.tenant);
        let fillings = fillings.iter().map(|filling| filling.text(question, tenant)).collect();
        let mut rows = Rows::of(body.clone(), tenant, fillings);
        let path: Vec<&str> = document.rows.iter().map(String::as_str).collect();
        let paths = Paths { rows: Some(&path), has_more: None, total: None };
        scan::answer(body, (layout, &question.order), paths, &mut rows)?;
        let count = rows.len();
        let is_ordered = (1..count).all(|row| rows.compare(row - 1, &rows, row, &question.order).is_lt());
        (is_ordered && count <= self.bound).then(|| Reading {
            has_more: count > question.first,
            total: question.wants_total.then(|| i64::try_from(count).unwrap_or(i64::MAX)),
            rows,
            error: None,
            places: Vec::new(),
        })
    }

    async fn read(&self, body: &str, document: &MappedDocument, first: Option<usize>) -> Result<Page, Fault> {
        let raw = Raw::find(body, document)?;
        for (of, keys) in raw.keys(document) {
            let unknown = self.identity.numbers.unknown(of, keys);
            if !unknown.is_empty() {
                let found: Option<HashMap<String, i32>> = (self.assign)(self.source, of, unknown).await;
                let late = || Fault::new(Status::Skipped, "BUSY", "Numbers for its rows cannot be handed out now.");
                self.identity.numbers.learn(of, found.ok_or_else(late)?);
            }
        }
        raw.read(self.question, document, self.identity.tenant, first)
    }
}

/// Rows follow, but the first ones are none that are asked for.
fn found_nothing() -> Fault {
    let message = "No row that is asked for was found in the first pages; narrow the filter.";
    Fault::new(Status::Partial, "HUB_LIMIT", message)
}

/// Where the page after this one begins; drops the row that only told that there are more.
fn next(document: &MappedDocument, page: &mut Page, place: &mut Place) -> Result<(), Fault> {
    if document.page_info.is_none() && page.has_more {
        page.rows.pop();
    }
    match document.paging() {
        Paging::Offset => place.skip += page.rows.len(),
        Paging::Cursor if page.has_more => {
            let end = page.end_cursor.take().filter(|end| place.cursor.as_ref() != Some(end));
            let end = end.ok_or_else(|| wrong("pageInfo.endCursor does not lead on."))?;
            *place = Place { cursor: Some(end), skip: 0, is_offset: false };
        }
        _ => {}
    }
    Ok(())
}
