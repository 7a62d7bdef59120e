//! Where the days of a company begin and end.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The instant at which a day begins. Where the clock skips midnight, it is the first one after it.
#[must_use]
pub fn start(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let after_gap = || zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest();
    let found = zone.from_local_datetime(&midnight).earliest().or_else(after_gap);
    found.map_or_else(|| midnight.and_utc(), |time| time.to_utc())
}

/// The instant at which a day is over.
#[must_use]
pub fn end(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    start(day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX), zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_where_people_live() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let day = "2026-03-29".parse().unwrap();
        assert_eq!(end(day, berlin) - start(day, berlin), TimeDelta::hours(23));
        // Cuba sets its clocks forward at midnight.
        let havana: Tz = "America/Havana".parse().unwrap();
        assert_eq!(start("2026-03-08".parse().unwrap(), havana).to_rfc3339(), "2026-03-08T05:00:00+00:00");
    }
}
