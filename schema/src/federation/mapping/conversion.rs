//! The closed list of conversions between the values of a foreign server and ours. It must not know fields.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What makes our value of a foreign one. In JSON a word such as `"TEXT"`, or an object such as
/// `{"words": {"won": "WON"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Conversion {
    /// Number or Boolean to text: `12.5` to `"12.5"`.
    Text,
    /// Text to number: `"42"` to `42`.
    Number,
    /// The whole number at the end of a text: `"INV-0042"` to `42`.
    TrailingDigits,
    /// A key that is no number: the hub hands out a number when it meets one first, and keeps it.
    AssignedNumber,
    /// `0` and `1`, or a text such as `"yes"`, `"N"`, `"true"`, to a Boolean.
    Boolean,
    /// Seconds since 1970 to an instant.
    UnixSeconds,
    /// Milliseconds since 1970 to an instant.
    UnixMilliseconds,
    /// An instant in another form, or without a zone and then in UTC, to RFC 3339.
    Utc,
    /// The day of an instant in UTC.
    Day,
    /// Words of a foreign enum or text to ours; `"*"` stands for all others.
    #[serde(rename = "words")]
    Words(BTreeMap<String, String>),
    /// An amount in major units, number or text, to whole minor units with so many digits.
    #[serde(rename = "minorUnits")]
    MinorUnits(u32),
    /// An amount in whole minor units with so many digits to a text in major units.
    #[serde(rename = "majorUnits")]
    MajorUnits(u32),
    /// A value that all rows have; the foreign server is not asked for it.
    #[serde(rename = "constant")]
    Constant(Value),
}

impl Conversion {
    /// Our value, in JSON, of a foreign one in JSON; none if it cannot be converted. Null stays null. An assigned
    /// number is no matter of the value alone: its key comes back as text.
    #[must_use]
    pub fn apply(&self, json: &str) -> Option<String> {
        match self {
            Self::Constant(value) => return Some(value.to_string()),
            _ if json == "null" => return Some("null".into()),
            _ => {}
        }
        let bare = bare(json)?;
        Some(match self {
            Self::Text | Self::AssignedNumber => quoted(&bare),
            Self::Number => number(&bare)?.normalize().to_string(),
            Self::TrailingDigits => trailing_digits(&bare)?.to_string(),
            Self::Boolean => boolean(&bare)?.to_string(),
            Self::UnixSeconds => instant(DateTime::from_timestamp(number(&bare)?.to_i64()?, 0)?),
            Self::UnixMilliseconds => instant(DateTime::from_timestamp_millis(number(&bare)?.to_i64()?)?),
            Self::Utc => instant(moment(&bare)?),
            Self::Day => quoted(&day(&bare)?.to_string()),
            Self::Words(words) => quoted(words.get(bare.as_str()).or_else(|| words.get("*"))?),
            Self::MinorUnits(digits) => {
                let minor = number(&bare)?.checked_mul(Decimal::from(10_u64.checked_pow(*digits)?))?;
                minor.round().to_i64()?.to_string()
            }
            Self::MajorUnits(digits) => {
                let minor = number(&bare)?.to_i64()?;
                quoted(&Decimal::try_new(minor, *digits).ok()?.to_string())
            }
            Self::Constant(_) => return None,
        })
    }

    /// The foreign value of ours, for a condition that the foreign server applies; none if there is not exactly one.
    #[must_use]
    pub fn revert(&self, value: &Value) -> Option<Value> {
        match self {
            Self::Text => Some(value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| value.clone())),
            Self::Number => Some(Value::String(value.to_string())),
            Self::Utc => Some(value.clone()),
            Self::UnixSeconds => Some(moment(value.as_str()?)?.timestamp().into()),
            Self::UnixMilliseconds => Some(moment(value.as_str()?)?.timestamp_millis().into()),
            Self::Words(words) => {
                let ours = value.as_str()?;
                let mut foreign = words.iter().filter(|(_, word)| *word == ours);
                let (found, None) = (foreign.next()?, foreign.next()) else { return None };
                (found.0 != "*").then(|| Value::String(found.0.clone()))
            }
            _ => None,
        }
    }
}

/// Text without quotes and escapes; a number or Boolean as it stands.
fn bare(json: &str) -> Option<String> {
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    (!json.starts_with(['{', '['])).then(|| json.to_owned())
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn number(text: &str) -> Option<Decimal> {
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}

fn trailing_digits(text: &str) -> Option<i32> {
    let start = text
        .rfind(|character: char| !character.is_ascii_digit())
        .map_or(0, |last| last + text[last..].chars().next().map_or(0, char::len_utf8));
    text[start..].parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" => Some(true),
        "0" | "false" | "f" | "no" | "n" => Some(false),
        _ => None,
    }
}

fn instant(at: DateTime<Utc>) -> String {
    quoted(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    if let Ok(instant) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Some(instant.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    let local = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    local.or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)).map(|local| local.and_utc())
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| moment(text).map(|at| at.date_naive()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conversion(json: Value) -> Conversion {
        serde_json::from_value(json).expect("one of the list")
    }

    #[test]
    fn each_conversion_makes_our_value() {
        let table = [
            (json!("TEXT"), "12.5", r#""12.5""#),
            (json!("TEXT"), "true", r#""true""#),
            (json!("NUMBER"), r#""42""#, "42"),
            (json!("NUMBER"), r#""4.20""#, "4.2"),
            (json!("TRAILING_DIGITS"), r#""INV-0042""#, "42"),
            (json!("TRAILING_DIGITS"), r#""7""#, "7"),
            (json!("TRAILING_DIGITS"), r#""é9""#, "9"),
            (json!("ASSIGNED_NUMBER"), r#""a-b""#, r#""a-b""#),
            (json!("BOOLEAN"), r#""Y""#, "true"),
            (json!("BOOLEAN"), "0", "false"),
            (json!("UNIX_SECONDS"), "1800000000", r#""2027-01-15T08:00:00Z""#),
            (json!("UNIX_MILLISECONDS"), r#""1800000000250""#, r#""2027-01-15T08:00:00.250Z""#),
            (json!("UTC"), r#""2026-05-19 08:30:00""#, r#""2026-05-19T08:30:00Z""#),
            (json!("UTC"), r#""2026-05-19T08:30:00.5+02:00""#, r#""2026-05-19T06:30:00.500Z""#),
            (json!("UTC"), r#""2026-05-19""#, r#""2026-05-19T00:00:00Z""#),
            (json!("DAY"), r#""2026-05-19T23:30:00-02:00""#, r#""2026-05-20""#),
            (json!({"words": {"won": "WON", "*": "OPEN"}}), r#""won""#, r#""WON""#),
            (json!({"words": {"1": "WON", "*": "OPEN"}}), "7", r#""OPEN""#),
            (json!({"minorUnits": 2}), r#""12.345""#, "1234"),
            (json!({"minorUnits": 0}), "12", "12"),
            (json!({"majorUnits": 2}), "1234", r#""12.34""#),
            (json!({"constant": "EUR"}), "1", r#""EUR""#),
            (json!("TEXT"), "null", "null"),
        ];
        for (how, from, to) in table {
            assert_eq!(conversion(how.clone()).apply(from).as_deref(), Some(to), "{how} of {from}");
        }
    }

    #[test]
    fn what_cannot_be_converted_is_nothing() {
        let table = [
            (json!("NUMBER"), r#""x""#),
            (json!("TRAILING_DIGITS"), r#""a1b""#),
            (json!("TRAILING_DIGITS"), r#""99999999999""#),
            (json!("BOOLEAN"), r#""maybe""#),
            (json!("UTC"), r#""soon""#),
            (json!({"words": {"won": "WON"}}), r#""lost""#),
            (json!("TEXT"), r#"{"a":1}"#),
        ];
        for (how, from) in table {
            assert_eq!(conversion(how.clone()).apply(from), None, "{how} of {from}");
        }
        assert!(serde_json::from_value::<Conversion>(json!("MAGIC")).is_err());
        assert!(serde_json::from_value::<Conversion>(json!({"words": 1})).is_err());
    }

    #[test]
    fn conditions_go_the_other_way_if_there_is_just_one() {
        let words = conversion(json!({"words": {"won": "WON", "gone": "LOST", "lost": "LOST", "*": "OPEN"}}));
        assert_eq!(words.revert(&json!("WON")), Some(json!("won")));
        assert_eq!(words.revert(&json!("LOST")), None);
        assert_eq!(words.revert(&json!("OPEN")), None);
        assert_eq!(
            conversion(json!("UNIX_SECONDS")).revert(&json!("2027-01-15T08:00:00Z")),
            Some(json!(1_800_000_000))
        );
        assert_eq!(conversion(json!("NUMBER")).revert(&json!(5)), Some(json!("5")));
        assert_eq!(conversion(json!({"minorUnits": 2})).revert(&json!("5")), None);
    }
}
