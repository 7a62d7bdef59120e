//! How a value of an app becomes a column of the hub's own tables, and back. Columns are texts here: those that the
//! database gives when it is asked for them as text. It must not know statements.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::Value;

use super::{Field, Kind, Resource};
use crate::{
    engine::{
        compare::{parse_instant, stamp},
        record_id,
    },
    money, phone,
};

/// What stands between a value and its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    Same,
    /// A record id of a row of the hub's own tables, and that row's number.
    Link(&'static str),
    /// `disabled` and `is_active`.
    Not,
    /// An amount in major units, and in minor ones.
    Minor,
    /// An instant, and its day.
    Day,
    /// An instant.
    Instant,
    /// A word of the apps, and the hub's own in capitals.
    Word(&'static [&'static str]),
    /// A word, and its place from 1.
    Place(&'static [&'static str]),
    /// What somebody typed, and the number in E.164.
    Phone,
    Flag,
    Number,
}

/// Statuses by table.
const STATUSES: [(&str, &[&str]); 2] = [
    ("invoice", &["UNPAID", "DRAFT", "PARTIALLY_PAID", "PAID", "OVERDUE", "CANCELLED"]),
    ("ticket", &["OPEN", "IN_PROGRESS", "ANSWERED", "ON_HOLD", "CLOSED"]),
];

const PRIORITIES: &[&str] = &["LOW", "MEDIUM", "HIGH", "URGENT"];

impl Conversion {
    /// By the column and the field that it holds.
    #[must_use]
    pub fn of(resource: &Resource, column: &str, field: &Field) -> Self {
        if let Some(mark) = field.target.as_ref().and_then(|_| link(column)) {
            return Self::Link(mark);
        }
        let table = resource.storage().0;
        match (column, field.kind) {
            ("is_active", Kind::Boolean) if field.doc.as_deref().is_some_and(|doc| doc.contains("off")) => Self::Not,
            (_, Kind::Boolean) => Self::Flag,
            ("status", _) => {
                STATUSES.iter().find(|(name, _)| *name == table).map_or(Self::Same, |(_, words)| Self::Word(words))
            }
            ("priority", _) => Self::Place(PRIORITIES),
            ("phone" | "mobile", _) => Self::Phone,
            (name, Kind::Instant) if name.ends_with("_at") => Self::Instant,
            (_, Kind::Instant) => Self::Day,
            (name, _) if name.ends_with("_minor") => Self::Minor,
            (_, Kind::Integer | Kind::Number) => Self::Number,
            _ => Self::Same,
        }
    }

    /// Whether the column holds all that the app says.
    #[must_use]
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Same | Self::Link(_) | Self::Not | Self::Flag | Self::Instant)
    }

    /// The value as SQL over the column.
    #[must_use]
    pub fn expression(self, column: &str) -> String {
        let own = format!("{{t}}.\"{column}\"");
        match self {
            Self::Not => format!("NOT {own}"),
            Self::Minor => {
                let currency = format!("{{t}}.\"{}_currency\"", column.trim_end_matches("_minor"));
                let currency = if OWN_CURRENCY.contains(&column) { currency } else { "{t}.\"currency\"".to_owned() };
                format!("CAST({own} AS double precision) / {}", money::divisor(&currency))
            }
            Self::Day => format!("CAST({own} AS text) || 'T00:00:00.000Z'"),
            Self::Word(_) => format!("lower({own})"),
            Self::Place(words) => {
                let cases: Vec<String> = words
                    .iter()
                    .enumerate()
                    .map(|(place, word)| format!("WHEN {} THEN '{}'", place + 1, word.to_lowercase()))
                    .collect();
                format!("CASE {own} {} END", cases.join(" "))
            }
            Self::Phone => format!("COALESCE({{t}}.\"{column}_raw\", {own})"),
            Self::Number => format!("CAST({own} AS double precision)"),
            Self::Same | Self::Link(_) | Self::Flag | Self::Instant => own,
        }
    }

    /// The column for a value; none if the hub has nothing for it.
    #[must_use]
    pub fn column(self, value: &Value, currency: &str) -> Option<String> {
        match self {
            Self::Same | Self::Instant => value.as_str().map(str::to_owned),
            Self::Link(mark) => record_id::number(mark, value.as_str()?).map(|number| number.to_string()),
            Self::Flag => value.as_bool().map(|is| u8::from(is).to_string()),
            Self::Not => value.as_bool().map(|is| u8::from(!is).to_string()),
            Self::Minor => {
                let amount: Decimal = value.to_string().parse().ok()?;
                money::to_minor(amount, money::exponent(currency)?).map(|minor| minor.to_string())
            }
            Self::Day => value.as_str()?.get(..10).map(str::to_owned),
            Self::Word(words) => place(words, value.as_str()?).map(|place| words[place].to_owned()),
            Self::Place(words) => place(words, value.as_str()?).map(|place| (place + 1).to_string()),
            Self::Phone => phone::parse(value.as_str()?, None, None).ok(),
            Self::Number => value.as_i64().or_else(|| value.as_f64()?.round().to_i64()).map(|whole| whole.to_string()),
        }
    }

    /// The value behind a column.
    #[must_use]
    pub fn value(self, column: &str, currency: &str) -> Value {
        let is_set = column == "1" || column == "true" || column == "t";
        match self {
            Self::Same | Self::Phone => column.into(),
            Self::Link(mark) => record_id::of_number(mark, column.parse().unwrap_or_default()).into(),
            Self::Flag => is_set.into(),
            Self::Not => (!is_set).into(),
            Self::Minor => {
                let exponent = money::exponent(currency).unwrap_or(2);
                money::to_major(column.parse().unwrap_or_default(), exponent).to_f64().into()
            }
            Self::Day => format!("{column}T00:00:00.000Z").into(),
            Self::Instant => {
                parse_instant(&column.replace("+00", "Z").replace("Z:00", "Z"), chrono_tz::UTC).map(stamp).into()
            }
            Self::Word(_) => column.to_lowercase().into(),
            Self::Place(words) => {
                let place = column.parse::<usize>().unwrap_or_default();
                words.get(place.wrapping_sub(1)).map(|word| word.to_lowercase()).into()
            }
            Self::Number => column.parse::<i64>().unwrap_or_default().into(),
        }
    }
}

/// The mark of the table that a column links to.
fn link(column: &str) -> Option<&'static str> {
    LINKS.iter().find(|(name, _)| *name == column).and_then(|(_, table)| record_id::mark(table))
}

/// Tables behind columns that link to one.
const LINKS: [(&str, &str); 7] = [
    ("assignee_id", "staff"),
    ("category_id", "product_category"),
    ("client_id", "client"),
    ("invoice_id", "invoice"),
    ("owner_id", "staff"),
    ("parent_id", "client"),
    ("received_by_id", "staff"),
];

/// Amounts that have a currency of their own; all others share that of the row.
const OWN_CURRENCY: [&str; 3] = ["price_minor", "recommended_price_minor", "credit_limit_minor"];

/// The place of an app's word among the hub's: `in-progress` is `IN_PROGRESS`.
fn place(words: &[&str], said: &str) -> Option<usize> {
    let said = said.trim().replace(['-', ' '], "_").to_ascii_uppercase();
    words.iter().position(|word| *word == said)
}
