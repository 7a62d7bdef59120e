//! The query relayedActivityLogs: entries of another system's log, checked and passed on. It must not touch rows.

use async_graphql::Value;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::{
    engine::{collect::Selected, mutate::value, request::Request, write::rfc3339},
    error::{Code, Error, UserError},
    outside::{Question, Unavailable},
    verb::Failure,
};

/// Entries of one answer.
const MOST: i64 = 500;
/// Entries that can be left out.
const MOST_SKIPPED: i64 = 10_000;

/// The entries as JSON.
///
/// # Errors
/// An argument out of range; `UPSTREAM_FAILED` if the log gives no entries.
pub async fn relayed(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let first = number(selected, "first", (1, MOST), 50)?;
    let skip = number(selected, "skip", (0, MOST_SKIPPED), 0)?;
    let mut query = vec![("limit", first.to_string()), ("offset", skip.to_string())];
    if let Some(Value::String(kind)) = selected.arguments.get("kind") {
        query.push(("type", kind.clone()));
    }
    let answer = request.hub.outside.activity_log.ask(Question::Read(query)).await;
    let zone = request.hub.directory.time_zone(request.viewer.tenant);
    let entries = answer.and_then(|answer| entries(answer.as_ref(), first, zone));
    let entries = entries.map_err(|unavailable| {
        Failure::from(UserError::new(Code::UpstreamFailed, "", unavailable.to_string())).into_error()
    })?;
    value(request, selected, &entries).await
}

fn number(selected: &Selected<'_>, name: &str, (low, high): (i64, i64), usual: i64) -> Result<i64, Error> {
    let given = match selected.arguments.get(name) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(-1),
        _ => usual,
    };
    if (low..=high).contains(&given) {
        return Ok(given);
    }
    Err(Error::bad_input(format!("{name} must be {low} to {high}.")))
}

/// A list, or an object with the list as `logs`. Nothing is no entries.
fn entries(answer: Option<&serde_json::Value>, most: i64, zone: Tz) -> Result<serde_json::Value, Unavailable> {
    let Some(answer) = answer else { return Ok(json!([])) };
    let list = answer.as_array().or_else(|| answer.get("logs")?.as_array()).ok_or(Unavailable)?;
    let most = usize::try_from(most).unwrap_or_default();
    list.iter().take(most).map(|entry| read(entry, zone).ok_or(Unavailable)).collect()
}

fn read(entry: &serde_json::Value, zone: Tz) -> Option<serde_json::Value> {
    let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str);
    let number = |name: &str| entry.get(name)?.as_i64().and_then(|number| i32::try_from(number).ok());
    Some(json!({
        "number": number("id")?,
        "kind": text("type"),
        "description": text("description")?,
        "staffNumber": number("staffid"),
        "staffName": text("staff"),
        "occurredAt": rfc3339(instant(text("date")?, zone)?),
    }))
}

/// With a zone, or in that of the caller's company.
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    zone.from_local_datetime(&local).earliest().map(|instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_checked_and_cut() {
        let zone = Tz::Africa__Lagos;
        let entry = json!({ "id": 77, "type": "leads", "description": "New lead", "date": "2026-05-19 12:00:00" });
        let read = entries(Some(&json!({ "logs": [entry, entry] })), 1, zone).unwrap();
        assert_eq!(read[0]["occurredAt"], "2026-05-19T11:00:00Z");
        assert_eq!((read[0]["staffNumber"].is_null(), read.as_array().map(Vec::len)), (true, Some(1)));
        assert_eq!(entries(Some(&json!([{ "id": 1 }])), 1, zone), Err(Unavailable));
        assert_eq!(entries(Some(&json!({})), 1, zone), Err(Unavailable));
        assert_eq!(entries(None, 1, zone), Ok(json!([])));
    }
}
