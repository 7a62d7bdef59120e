//! Days and times around today, as an office keeps them. It must not know rows.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::draw::Draw;

/// The calendar of a company: everything is counted from its today, so that rows never look old.
pub struct Calendar {
    zone: Tz,
    now: DateTime<Utc>,
}

impl Calendar {
    /// As of now, in the zone of the company.
    #[must_use]
    pub fn new(now: DateTime<Utc>, zone: Tz) -> Self {
        Self { zone, now }
    }

    /// The instant that counts as now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The day that it is at the company.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// A working day so many days ago, or the last one before.
    #[must_use]
    pub fn day(&self, days_ago: i64) -> NaiveDate {
        let mut day = self.today() - chrono::Duration::days(days_ago);
        while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            day = day - Days::new(1);
        }
        day
    }

    /// A working hour so many days ago, at least yesterday, so that it has passed whatever time it is.
    pub fn instant(&self, days_ago: i64, draw: &mut Draw) -> DateTime<Utc> {
        self.at(self.day(days_ago.max(1)), draw)
    }

    /// A working hour so many days ahead.
    pub fn ahead(&self, days: i64, draw: &mut Draw) -> DateTime<Utc> {
        self.at(self.day(-days), draw)
    }

    /// The first and the last day of the quarter.
    #[must_use]
    pub fn quarter(&self) -> (NaiveDate, NaiveDate) {
        let today = self.today();
        let first = today.with_day(1).unwrap_or(today) - Months::new(today.month0() % 3);
        (first, first + Months::new(3) - Days::new(1))
    }

    fn at(&self, day: NaiveDate, draw: &mut Draw) -> DateTime<Utc> {
        let minutes = u32::try_from(draw.between(8 * 60, 17 * 60 + 45)).unwrap_or(0);
        let time = NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap_or_default();
        let local = self.zone.from_local_datetime(&day.and_time(time));
        local.earliest().map_or_else(|| day.and_time(time).and_utc(), |local| local.with_timezone(&Utc))
    }
}
