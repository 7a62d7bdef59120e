//! What a global field asks, and what it gets. It must not know how sources are reached.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    collection::Collection,
    condition::Condition,
    cursor::{Cursor, Places},
    key::OrderKey,
    mapping::value::Made,
};

/// Codes of sources that were not asked although their rows belong to the answer.
const FAILURES: [&str; 7] = [
    "BREAKER_OPEN",
    "BUSY",
    "LEASE_EXPIRED",
    "FAILED",
    "ORDER_NOT_OFFERED",
    "FILTER_NOT_OFFERED",
    "SEARCH_NOT_OFFERED",
];

/// One page of one collection, over all sources.
#[derive(Clone, Debug)]
pub struct Question {
    pub collection: Collection,
    /// Value of `filter` as a GraphQL literal: `{state: {eq: OPEN}}`.
    pub filter: Option<String>,
    /// The filter as plain tests; only while there are sources that need it.
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
    /// Whether each row needs its cursor; the last one's is answered in any case.
    pub wants_cursors: bool,
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
    pub rows: Vec<Row>,
    pub has_next_page: bool,
    /// Cursor of the first row.
    pub start_cursor: Option<String>,
    /// Cursor of the last row.
    pub end_cursor: Option<String>,
    /// Rows that match everywhere; none if not asked for or if a source did not count.
    pub total: Option<i64>,
    /// One for each source, by company.
    pub reports: Vec<Report>,
}

/// One row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub tenant: i64,
    /// The finished JSON object.
    pub json: String,
    /// If cursors were asked for.
    pub cursor: Option<String>,
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
}

impl Fault {
    /// A failure with its code.
    #[must_use]
    pub fn new(status: Status, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

/// The question failed because a source did and `SourceErrorMode::Fail` was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} of the companies did not answer.", reports.len())]
pub struct SourcesFailed {
    /// Those that failed.
    pub reports: Vec<Report>,
}
