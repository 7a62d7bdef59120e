//! What a global field asks, and what it gets. It must not know how sources are reached.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    collection::Collection,
    condition::Condition,
    cursor::{Cursor, Place, Places},
    key::OrderKey,
    mapping::value::Made,
    merge::{Batch, Merged, Pick, merge},
    rows::Rows,
};

/// Codes of sources that were not asked although their rows belong to the answer.
const FAILURES: [&str; 8] = [
    "BREAKER_OPEN",
    "BUSY",
    "LEASE_EXPIRED",
    "FAILED",
    "ORDER_NOT_OFFERED",
    "FILTER_NOT_OFFERED",
    "SEARCH_NOT_OFFERED",
    "TOTALS_NOT_OFFERED",
];

/// One page of one collection, over all sources.
#[derive(Clone, Debug)]
pub struct Question {
    pub collection: Collection,
    /// Value of `filter` as a GraphQL literal: `{state: {eq: OPEN}}`.
    pub filter: Option<String>,
    /// The filter as plain tests, for sources that cannot apply it.
    pub condition: Option<Condition>,
    /// Value of `search`.
    pub search: Option<String>,
    /// At least one key.
    pub order: Vec<OrderKey>,
    /// What is answered for each row, in the client's order, with the client's response keys.
    pub members: Vec<Member>,
    /// Rows of the page, at most 100.
    pub first: usize,
    pub after: Option<Cursor>,
    /// Where sources with cursors of their own go on.
    pub places: Places,
    pub wants_total: bool,
    /// Companies within the viewer's reach; none is all. Others are not even reported.
    pub visible: Option<Vec<i64>>,
    /// Companies that the client named; others are reported as skipped.
    pub tenants: Option<Vec<i64>>,
    /// Key of the viewer at each company, if only rows assigned to the viewer are asked for. Companies without a
    /// key are skipped.
    pub viewer_numbers: Option<HashMap<i64, i64>>,
    /// Finished JSON of each `tenant` object, by slot and company.
    pub tenant_json: HashMap<(usize, i64), String>,
    /// Longest wait.
    pub deadline: Duration,
    pub mode: SourceErrorMode,
}

impl Question {
    /// For the first rows of all companies, without conditions.
    #[must_use]
    pub fn new(
        collection: Collection,
        order: Vec<OrderKey>,
        members: Vec<Member>,
        first: usize,
        deadline: Duration,
    ) -> Self {
        Self {
            collection,
            filter: None,
            condition: None,
            search: None,
            order,
            members,
            first,
            after: None,
            places: Places::new(),
            wants_total: false,
            visible: None,
            tenants: None,
            viewer_numbers: None,
            tenant_json: HashMap::new(),
            deadline,
            mode: SourceErrorMode::Partial,
        }
    }

    /// The same question to the hub's own rows, which are of several companies: only those of one.
    #[must_use]
    pub fn of_own_rows(&self, tenant: i64) -> Self {
        let own = format!("tenant:{{number:{{eq:{tenant}}}}}");
        let rest = self.filter.as_deref().and_then(|filter| filter.trim_start().strip_prefix('{'));
        let filter = rest.map_or_else(|| format!("{{{own}}}"), |rest| format!("{{{own} {rest}"));
        Self { filter: Some(filter), ..self.clone() }
    }
}

/// A member of a row, or of an object inside it. Equal response keys are merged before.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// A leaf, copied as it comes.
    Scalar { key: String, field: Field, kind: Kind },
    /// An object, or a list of objects.
    Object { key: String, field: Field, members: Vec<Member> },
    /// The name of the type.
    Typename { key: String, name: String },
    /// The company, written by the hub: the text in `tenant_json` under this slot.
    Tenant { key: String, slot: usize },
    /// Never asked for and always null.
    Missing { key: String },
    /// Made by the hub of what a foreign row holds.
    Made { key: String, made: Made },
}

impl Member {
    /// The response key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Scalar { key, .. }
            | Self::Object { key, .. }
            | Self::Typename { key, .. }
            | Self::Tenant { key, .. }
            | Self::Missing { key }
            | Self::Made { key, .. } => key,
        }
    }
}

/// A field of a source's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// Arguments as GraphQL text without parentheses; empty for none.
    pub arguments: String,
    pub is_nullable: bool,
    /// Whether it is a list; its elements are never null.
    pub is_list: bool,
}

/// What a leaf must be in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string: String, ID and scalars that are written as text.
    Text,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    Float,
    Boolean,
    /// One of these words.
    Enum(Arc<[String]>),
    /// Anything.
    Json,
}

/// What the failure of a source does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceErrorMode {
    /// The rows of the others are the answer.
    #[default]
    Partial,
    /// The whole question fails.
    Fail,
}

/// The merged page.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What each source gave.
    pages: Vec<Rows>,
    /// Which of their rows are on the page, in order.
    picks: Vec<Pick>,
    order: Vec<OrderKey>,
    /// Where sources with cursors of their own are left.
    places: LeftPlaces,
    pub has_next_page: bool,
    /// Rows that match everywhere; none if not asked for or if a source did not count.
    pub total: Option<i64>,
    /// One for each source, by company.
    pub reports: Vec<Report>,
}

/// Where sources with cursors of their own are left, as the page takes their rows.
#[derive(Clone, Debug, Default)]
pub struct LeftPlaces {
    /// From the page before.
    pub before: Places,
    /// By company: before the first row and after each.
    pub here: HashMap<i64, Vec<Place>>,
}

impl Answer {
    /// The first rows of all pages. Reports get the number of rows that their source gave.
    #[must_use]
    pub fn merge(
        pages: Vec<(Rows, bool)>,
        (question, places): (&Question, LeftPlaces),
        total: Option<i64>,
        mut reports: Vec<Report>,
    ) -> Self {
        let order = question.order.clone();
        let batches: Vec<Batch> =
            pages.iter().map(|(rows, has_more)| Batch { len: rows.len(), has_more: *has_more }).collect();
        let pages: Vec<Rows> = pages.into_iter().map(|(rows, _)| rows).collect();
        let compare =
            |one: Pick, other: Pick| pages[one.batch].compare(one.row, &pages[other.batch], other.row, &order);
        let merged = merge(&batches, question.first, compare);
        for (page, count) in pages.iter().zip(merged.counts(pages.len())) {
            if let Some(report) = reports.iter_mut().find(|report| report.tenant == page.tenant) {
                report.row_count = count;
            }
        }
        let Merged { picks, has_next_page } = merged;
        Self { pages, picks, order, places, has_next_page, total, reports }
    }

    /// Rows of the page.
    #[must_use]
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    /// Whether the page has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// Appends the finished JSON object of a row.
    pub fn copy_row(&self, index: usize, out: &mut String) {
        let Pick { batch, row } = self.picks[index];
        self.pages[batch].copy_row(row, out);
    }

    /// Length of all rows together, in bytes.
    #[must_use]
    pub fn rows_len(&self) -> usize {
        self.picks.iter().map(|pick| self.pages[pick.batch].row_len(pick.row)).sum()
    }

    /// The cursor of a row; none beyond the end.
    #[must_use]
    pub fn cursor(&self, index: usize) -> Option<String> {
        let Pick { batch, row } = *self.picks.get(index)?;
        let cursor = self.pages[batch].cursor(row, &self.order);
        if self.places.here.is_empty() && self.places.before.is_empty() {
            return Some(cursor.write());
        }
        let mut places = self.places.before.clone();
        for (tenant, here) in &self.places.here {
            let taken = self.picks[..=index].iter().filter(|pick| self.pages[pick.batch].tenant == *tenant).count();
            places.extend(here.get(taken).map(|place| (*tenant, place.clone())));
        }
        Some(cursor.write_with(&places))
    }

    /// The company of a row.
    #[must_use]
    pub fn tenant(&self, index: usize) -> i64 {
        self.pages[self.picks[index].batch].tenant
    }
}

/// How one source took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub tenant: i64,
    pub status: Status,
    /// Milliseconds until its answer was complete or given up.
    pub took_ms: u64,
    /// Rows that it gave to the page.
    pub row_count: usize,
    /// Stable code of the failure.
    pub code: Option<&'static str>,
    /// What went wrong, for a person.
    pub message: Option<String>,
    /// Fields asked for that it does not offer, as paths from the row.
    pub missing_fields: Vec<String>,
    /// If its rows come from the cache: when they were read.
    pub cached_at: Option<DateTime<Utc>>,
}

impl Report {
    /// Whether rows or fields may be missing because of a failure; being stopped, unasked or without the
    /// collection is none.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        match self.status {
            Status::Ok => false,
            Status::Skipped => self.code.is_some_and(|code| FAILURES.contains(&code)),
            _ => true,
        }
    }
}

/// How a source took part, in a word of `SourceStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Ok,
    Partial,
    TimedOut,
    Unreachable,
    Invalid,
    Refused,
    Skipped,
}

impl Status {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Ok, Self::Partial, Self::TimedOut, Self::Unreachable, Self::Invalid, Self::Refused, Self::Skipped];

    /// The value of `SourceStatus`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Partial => "PARTIAL",
            Self::TimedOut => "TIMED_OUT",
            Self::Unreachable => "UNREACHABLE",
            Self::Invalid => "INVALID",
            Self::Refused => "REFUSED",
            Self::Skipped => "SKIPPED",
        }
    }
}

/// Why a source gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    pub status: Status,
    /// Stable.
    pub code: &'static str,
    /// For a person; holds nothing that the source could use to deceive, such as control characters.
    pub message: String,
    /// How long the source asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// A failure with its code.
    #[must_use]
    pub fn new(status: Status, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }
}

/// The question failed because a source did and `SourceErrorMode::Fail` was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} of the companies did not answer.", reports.len())]
pub struct SourcesFailed {
    /// Those that failed.
    pub reports: Vec<Report>,
}
