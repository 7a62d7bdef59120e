//! Days and instants in the time zone of a company.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use groupgraph_entities::tenant;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect};

/// The time zone of a company; UTC for a row of the whole instance.
///
/// # Errors
/// The database is out of reach.
pub async fn zone(db: &impl ConnectionTrait, number: Option<i64>) -> Result<Tz, DbErr> {
    let Some(number) = number else { return Ok(Tz::UTC) };
    let query = tenant::Entity::find_by_id(number).select_only().column(tenant::Column::TimeZone);
    let name: Option<String> = query.into_tuple().one(db).await?;
    // Only names that parse are stored.
    Ok(name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC))
}

/// The day that an instant belongs to.
#[must_use]
pub fn day(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// The instant at which a day begins. Where the clock skips midnight, it is the first one after it.
#[must_use]
pub fn start(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    local(day.and_time(NaiveTime::MIN), zone)
}

/// The instant at which a day is over.
#[must_use]
pub fn end(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    start(day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX), zone)
}

/// Reads an instant: RFC 3339, with a blank for the T if need be; one without an offset is a time of the zone.
#[must_use]
pub fn parse(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| local(time, zone))
}

fn local(time: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let later = || zone.from_local_datetime(&(time + TimeDelta::hours(1))).earliest();
    let found = zone.from_local_datetime(&time).earliest().or_else(later);
    found.map_or_else(|| time.and_utc(), |time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_without_offset_are_local() {
        let lagos: Tz = "Africa/Lagos".parse().unwrap();
        for (text, expected) in [
            ("2026-05-19T12:00:00Z", Some("2026-05-19T12:00:00Z")),
            ("2026-05-19T12:00:00+02:00", Some("2026-05-19T10:00:00Z")),
            ("2026-05-19 12:00:00", Some("2026-05-19T11:00:00Z")),
            ("2026-05-19T12:00", Some("2026-05-19T11:00:00Z")),
            ("2026-05-19", None),
            ("soon", None),
        ] {
            let expected = expected.map(|text| text.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(parse(text, lagos), expected, "{text}");
        }
    }

    #[test]
    fn days_begin_where_people_live() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let midnight = "2026-07-01T22:30:00Z".parse().unwrap();
        assert_eq!(day(midnight, berlin).to_string(), "2026-07-02");
        let day = "2026-03-29".parse().unwrap();
        assert_eq!(end(day, berlin) - start(day, berlin), TimeDelta::hours(23));
        // Cuba sets its clocks forward at midnight.
        let havana: Tz = "America/Havana".parse().unwrap();
        assert_eq!(start("2026-03-08".parse().unwrap(), havana).to_rfc3339(), "2026-03-08T05:00:00+00:00");
    }
}
