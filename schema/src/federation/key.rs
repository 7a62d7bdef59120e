//! Order values of rows: read from JSON, compared, and written into cursors. It must not know rows or sources.

use std::{cmp::Ordering, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::database::lower;

/// One field by which rows are ordered.
#[derive(Clone, Debug)]
pub struct OrderKey {
    /// Word of the order enum, such as `CREATED_AT`.
    pub field: String,
    /// Whether the largest comes first; nulls are last either way.
    pub is_descending: bool,
    /// Selection that yields the value: `createdAt`, or `value { amountMinor }`.
    pub path: String,
    pub kind: KeyKind,
}

/// How order values compare.
#[derive(Clone, Debug)]
pub enum KeyKind {
    /// By Unicode code point of the lower-case form.
    Text,
    /// Whole or decimal, as JSON number or as text.
    Number,
    /// Instants in RFC 3339.
    Instant,
    /// Days, `YYYY-MM-DD`.
    Day,
    /// False before true.
    Flag,
    /// Words of an enum, in their order.
    Words(Arc<[String]>),
}

/// An order value of one row.
#[derive(Clone, Debug)]
pub struct Key {
    rank: Rank,
    is_descending: bool,
    /// The value as answered, in JSON; text in lower case.
    json: String,
}

/// What is compared. The variant order puts null last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Text(String),
    Number(Decimal),
    Instant(DateTime<Utc>),
    Day(NaiveDate),
    Flag(bool),
    Word(usize),
    Null,
}

impl Key {
    /// Reads a value; none if it is of another kind than the order says. The only member of an object stands for it.
    #[must_use]
    pub fn read(raw: &RawValue, order: &OrderKey) -> Option<Self> {
        let leaf = leaf(raw)?;
        let json = leaf.get();
        let rank = if json == "null" { Some(Rank::Null) } else { Rank::read(json, &order.kind) }?;
        let json = match &rank {
            Rank::Text(text) => serde_json::to_string(text).ok()?,
            _ => json.to_owned(),
        };
        Some(Self { rank, is_descending: order.is_descending, json })
    }

    /// The value as it goes into a cursor.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl Rank {
    fn read(json: &str, kind: &KeyKind) -> Option<Self> {
        match kind {
            KeyKind::Text => Some(Self::Text(lower(&text(json)?).collect())),
            KeyKind::Number => number(json).map(Self::Number),
            KeyKind::Instant => Some(Self::Instant(DateTime::parse_from_rfc3339(&text(json)?).ok()?.to_utc())),
            KeyKind::Day => Some(Self::Day(text(json)?.parse().ok()?)),
            KeyKind::Flag => json.parse().ok().map(Self::Flag),
            KeyKind::Words(words) => {
                let word = text(json)?;
                words.iter().position(|known| *known == word).map(Self::Word)
            }
        }
    }
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

fn number(json: &str) -> Option<Decimal> {
    let digits = if json.starts_with('"') { text(json)? } else { json.to_owned() };
    digits.parse().or_else(|_| Decimal::from_scientific(&digits)).ok()
}

fn leaf(raw: &RawValue) -> Option<&RawValue> {
    let mut current = raw;
    while current.get().starts_with('{') {
        current = super::project::Members::parse(current).ok()?.only()?;
    }
    Some(current)
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = self.rank.cmp(&other.rank);
        let has_null = self.rank == Rank::Null || other.rank == Rank::Null;
        if self.is_descending && !has_null { ascending.reverse() } else { ascending }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(json: &str, kind: KeyKind, is_descending: bool) -> Option<Key> {
        let order = OrderKey { field: "F".into(), is_descending, path: "f".into(), kind };
        Key::read(serde_json::from_str(json).expect("valid JSON"), &order)
    }

    #[test]
    fn values_compare_by_their_kind() {
        let words = KeyKind::Words(["LOW".to_owned(), "HIGH".to_owned()].into());
        let ascending = [
            (r#""alpha""#, r#""Beta""#, KeyKind::Text),
            (r#""Zebra""#, r#""École""#, KeyKind::Text),
            ("9", "10", KeyKind::Number),
            (r#""9.5""#, r#""10.25""#, KeyKind::Number),
            (r#""2026-01-01T01:00:00+02:00""#, r#""2026-01-01T00:00:00Z""#, KeyKind::Instant),
            (r#""2026-01-01T00:00:00Z""#, r#""2026-01-01T00:00:00.5Z""#, KeyKind::Instant),
            (r#""2025-12-31""#, r#""2026-01-01""#, KeyKind::Day),
            ("false", "true", KeyKind::Flag),
            (r#""LOW""#, r#""HIGH""#, words),
            (r#"{"amountMinor": 1}"#, r#"{"amountMinor": 2}"#, KeyKind::Number),
        ];
        for (small, large, kind) in ascending {
            let pair = |is_descending| {
                let read = |json| key(json, kind.clone(), is_descending).expect("of its kind");
                (read(small), read(large), read("null"))
            };
            let (first, second, null) = pair(false);
            assert!(first < second && second < null, "{small} before {large} before null");
            let (first, second, null) = pair(true);
            assert!(first > second && first < null && second < null, "{large} before {small} before null");
        }
    }

    #[test]
    fn another_kind_is_no_key() {
        assert!(key("1", KeyKind::Text, false).is_none());
        assert!(key(r#""yesterday""#, KeyKind::Instant, false).is_none());
        assert!(key(r#"{"a": 1, "b": 2}"#, KeyKind::Number, false).is_none());
        assert!(key("[1]", KeyKind::Number, false).is_none());
    }

    #[test]
    fn cursors_hold_text_in_lower_case_and_the_rest_as_answered() {
        assert_eq!(key(r#""ÉCOLE""#, KeyKind::Text, false).expect("text").json(), r#""école""#);
        assert_eq!(key("1.50", KeyKind::Number, false).expect("number").json(), "1.50");
    }
}
