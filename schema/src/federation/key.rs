//! Order values of rows: read from JSON, compared, and written into cursors. It must not know rows or sources.

use std::{borrow::Cow, cmp::Ordering, sync::Arc};

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

/// Part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// From one place to another; texts are shorter than 4 GiB.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let place = |place| u32::try_from(place).unwrap_or(u32::MAX);
        Self { start: place(start), end: place(end) }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(self) -> usize {
        (self.end - self.start) as usize
    }

    /// The part itself.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// What is compared of an order value; `T` is text in lower case, or where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rank<T> {
    Text(T),
    Whole(i64),
    Number(Decimal),
    Instant(DateTime<Utc>),
    Day(NaiveDate),
    Flag(bool),
    Word(usize),
    Null,
}

impl Rank<Span> {
    /// Reads a leaf, appending text to `lower_case`; none if it is of another kind.
    #[must_use]
    pub fn read(json: &str, kind: &KeyKind, lower_case: &mut String) -> Option<Self> {
        if json == "null" {
            return Some(Self::Null);
        }
        match kind {
            KeyKind::Text => Some(Self::Text(lowered(json, lower_case)?)),
            KeyKind::Number => match json.parse() {
                Ok(whole) => Some(Self::Whole(whole)),
                Err(_) => number(json).map(Self::Number),
            },
            KeyKind::Instant => instant(json).map(Self::Instant),
            KeyKind::Day => Some(Self::Day(text(json)?.parse().ok()?)),
            KeyKind::Flag => json.parse().ok().map(Self::Flag),
            KeyKind::Words(words) => {
                let word = text(json)?;
                words.iter().position(|known| *known == word).map(Self::Word)
            }
        }
    }

    /// With the text itself.
    #[must_use]
    pub fn within(self, lower_case: &str) -> Rank<&str> {
        self.map(|span| span.of(lower_case))
    }
}

impl<T> Rank<T> {
    fn map<U>(self, with: impl FnOnce(T) -> U) -> Rank<U> {
        match self {
            Self::Text(text) => Rank::Text(with(text)),
            Self::Whole(whole) => Rank::Whole(whole),
            Self::Number(number) => Rank::Number(number),
            Self::Instant(instant) => Rank::Instant(instant),
            Self::Day(day) => Rank::Day(day),
            Self::Flag(flag) => Rank::Flag(flag),
            Self::Word(word) => Rank::Word(word),
            Self::Null => Rank::Null,
        }
    }
}

impl Rank<&str> {
    /// Which of two values of one kind comes first; null is last either way.
    #[must_use]
    pub fn order(self, other: Self, is_descending: bool) -> Ordering {
        let ascending = match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => return Ordering::Greater,
            (_, Self::Null) => return Ordering::Less,
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Whole(one), Self::Whole(other)) => one.cmp(&other),
            (Self::Number(one), Self::Number(other)) => one.cmp(&other),
            (Self::Whole(one), Self::Number(other)) => Decimal::from(one).cmp(&other),
            (Self::Number(one), Self::Whole(other)) => one.cmp(&Decimal::from(other)),
            (Self::Instant(one), Self::Instant(other)) => one.cmp(&other),
            (Self::Day(one), Self::Day(other)) => one.cmp(&other),
            (Self::Flag(one), Self::Flag(other)) => one.cmp(&other),
            (Self::Word(one), Self::Word(other)) => one.cmp(&other),
            // Values of one order key are of one kind.
            _ => Ordering::Equal,
        };
        if is_descending { ascending.reverse() } else { ascending }
    }
}

/// An order value that stands for itself, as in a cursor.
#[derive(Clone, Debug)]
pub struct Key {
    rank: Rank<String>,
    is_descending: bool,
    /// The value as answered, in JSON; text in lower case.
    json: String,
}

impl Key {
    /// Reads a value; none if it is of another kind than the order says. The only member of an object stands for it.
    #[must_use]
    pub fn read(raw: &RawValue, order: &OrderKey) -> Option<Self> {
        Self::read_leaf(leaf(raw)?.get(), order)
    }

    /// Reads a value that is no object.
    #[must_use]
    pub fn read_leaf(json: &str, order: &OrderKey) -> Option<Self> {
        let mut lower_case = String::new();
        let rank = Rank::read(json, &order.kind, &mut lower_case)?;
        let json = match rank {
            Rank::Text(_) => serde_json::to_string(&lower_case).ok()?,
            _ => json.to_owned(),
        };
        Some(Self { rank: rank.map(|_| lower_case), is_descending: order.is_descending, json })
    }

    /// The value as it goes into a cursor.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// What is compared.
    #[must_use]
    pub fn rank(&self) -> Rank<&str> {
        match &self.rank {
            Rank::Text(text) => Rank::Text(text),
            other => other.clone().map(|_| ""),
        }
    }
}

/// The value that stands for an object: that of its only member.
#[must_use]
pub fn leaf(raw: &RawValue) -> Option<&RawValue> {
    let mut current = raw;
    while current.get().starts_with('{') {
        current = super::project::Members::parse(current).ok()?.only()?;
    }
    Some(current)
}

fn text(json: &str) -> Option<Cow<'_, str>> {
    match json.strip_prefix('"')?.strip_suffix('"')? {
        plain if !plain.contains('\\') => Some(plain.into()),
        _ => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

fn lowered(json: &str, lower_case: &mut String) -> Option<Span> {
    let text = text(json)?;
    let start = lower_case.len();
    if text.is_ascii() {
        lower_case.push_str(&text);
        lower_case[start..].make_ascii_lowercase();
    } else {
        lower_case.extend(lower(&text));
    }
    Some(Span::new(start, lower_case.len()))
}

fn number(json: &str) -> Option<Decimal> {
    let digits = if json.starts_with('"') { text(json)? } else { json.into() };
    digits.parse().or_else(|_| Decimal::from_scientific(&digits)).ok()
}

fn instant(json: &str) -> Option<DateTime<Utc>> {
    let text = text(json)?;
    plain_instant(&text).or_else(|| Some(DateTime::parse_from_rfc3339(&text).ok()?.to_utc()))
}

/// The usual form, `2026-01-31T08:30:00Z` with up to nine decimals, read without a parser.
fn plain_instant(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.strip_suffix('Z')?.as_bytes();
    let (whole, decimals) = bytes.split_at_checked(19)?;
    if [whole[4], whole[7], whole[10], whole[13], whole[16]] != *b"--T::" {
        return None;
    }
    let digits = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let nanoseconds = match decimals {
        [] => 0,
        [b'.', rest @ ..] if (1..=9).contains(&rest.len()) => {
            digits(rest)? * 10_u32.pow(u32::try_from(9 - rest.len()).ok()?)
        }
        _ => return None,
    };
    let year = i32::try_from(digits(&whole[..4])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, digits(&whole[5..7])?, digits(&whole[8..10])?)?;
    let (hour, minute, second) = (digits(&whole[11..13])?, digits(&whole[14..16])?, digits(&whole[17..])?);
    Some(day.and_hms_nano_opt(hour, minute, second, nanoseconds)?.and_utc())
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().order(other.rank(), self.is_descending)
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
            (r#""2026-01-01T00:00:00.5Z""#, r#""2026-01-01T00:00:00.625+00:00""#, KeyKind::Instant),
            ("9", "9.5", KeyKind::Number),
            (r#""-1""#, "0", KeyKind::Number),
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
