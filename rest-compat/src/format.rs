//! Texts of scalars, checked before they are sent on, and instants in the zone of the caller. The schema checks them
//! again; here a wrong one still has a name.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How older systems write an instant without its zone.
const LOCAL: &str = "%Y-%m-%d %H:%M:%S";

/// The text of a scalar as the schema takes it.
///
/// # Errors
/// How the sentence about the parameter goes on.
pub fn read(scalar: &str, text: String, zone: Tz) -> Result<String, &'static str> {
    match scalar {
        "Date" if day(&text).is_none() => Err("must be a date"),
        "DateTime" => instant(&text, zone).ok_or("must be a date and time"),
        "YearMonth" if day(&format!("{text}-01")).is_none() => Err("must be a month"),
        "EmailAddress" if !is_email(&text) => Err("must be a valid email address"),
        "URL" if url::Url::parse(&text).is_err() => Err("must be a URL"),
        "UUID" if !is_uuid(&text) => Err("must be a UUID"),
        _ => Ok(text),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// With a zone as it is; without one it is local time.
fn instant(text: &str, zone: Tz) -> Option<String> {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Some(text.to_owned());
    }
    let local = NaiveDateTime::parse_from_str(text, LOCAL)
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
        .ok()
        // A day is its beginning.
        .or_else(|| day(text)?.and_hms_opt(0, 0, 0))?;
    let instant = zone.from_local_datetime(&local).earliest()?;
    Some(instant.with_timezone(&Utc).format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn is_email(text: &str) -> bool {
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && text.chars().all(is_plain)
    })
}

fn is_uuid(text: &str) -> bool {
    let is_digit = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_digit)
}

/// Whether a text is a decimal number that JSON can write.
#[must_use]
pub fn is_decimal(text: &str) -> bool {
    text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-.eE+".contains(&byte))
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// An instant as a day of the zone.
#[must_use]
pub fn as_day(text: &str, zone: Tz) -> Option<String> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.with_timezone(&zone).format("%Y-%m-%d").to_string())
}

/// An instant as local time without zone.
#[must_use]
pub fn as_local(text: &str, zone: Tz) -> Option<String> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.with_timezone(&zone).format(LOCAL).to_string())
}
