//! On which day a debit order is due. Pure: it must not know the database.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The last day of every month, whatever its length.
pub const LAST: u32 = 31;

/// The billing day of a subscription: its own, else the client's default; 0 stands for the last day of the month.
/// None if neither is there.
#[must_use]
pub fn effective(own: Option<i64>, default: Option<i64>) -> Option<u32> {
    let day = u32::try_from(own.or(default)?).ok()?;
    Some(if day == 0 { LAST } else { day })
}

/// Whether a number is a billing day of a client: 0 to 31.
#[must_use]
pub fn is_valid(day: i64) -> bool {
    (0..=i64::from(LAST)).contains(&day)
}

/// The day on which a billing day falls in the month of `within`; days beyond the month fall on its last day.
#[must_use]
pub fn in_month_of(within: NaiveDate, billing_day: u32) -> NaiveDate {
    let first = within.with_day(1).unwrap_or(within);
    let last = first + Months::new(1) - Days::new(1);
    let wanted = if billing_day == 0 { LAST } else { billing_day };
    first.with_day(wanted.min(last.day())).unwrap_or(last)
}

/// The first billing day on or after a day.
#[must_use]
pub fn on_or_after(day: NaiveDate, billing_day: u32) -> NaiveDate {
    let this_month = in_month_of(day, billing_day);
    if this_month >= day { this_month } else { in_month_of(day + Months::new(1), billing_day) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn one_of_the_two_days_serves_for_both() {
        let cases = [
            (Some(5), Some(7), Some(5)),
            (None, Some(7), Some(7)),
            (Some(5), None, Some(5)),
            (None, None, None),
            (None, Some(0), Some(31)),
        ];
        for (own, default, expected) in cases {
            assert_eq!(effective(own, default), expected, "{own:?} {default:?}");
        }
    }

    #[test]
    fn days_beyond_a_month_fall_on_its_last_day() {
        let cases = [
            ("2026-01-15", 31, "2026-01-31"),
            ("2026-02-10", 31, "2026-02-28"),
            ("2026-02-10", 29, "2026-02-28"),
            ("2028-02-10", 30, "2028-02-29"),
            ("2026-04-01", 0, "2026-04-30"),
            ("2026-04-30", 1, "2026-04-01"),
        ];
        for (within, billing_day, expected) in cases {
            assert_eq!(in_month_of(day(within), billing_day), day(expected), "{billing_day} in the month of {within}");
        }
    }

    #[test]
    fn the_next_billing_day() {
        let cases = [
            ("2026-05-19", 19, "2026-05-19"),
            ("2026-05-20", 19, "2026-06-19"),
            ("2026-01-31", 30, "2026-02-28"),
            ("2026-02-28", 31, "2026-02-28"),
            ("2026-12-25", 24, "2027-01-24"),
            ("2026-05-19", 0, "2026-05-31"),
        ];
        for (from, billing_day, expected) in cases {
            assert_eq!(on_or_after(day(from), billing_day), day(expected), "{billing_day} from {from}");
        }
    }

    proptest! {
        #[test]
        fn the_next_billing_day_is_near_and_stays(offset in 0_u64..20_000, billing_day in 0_u32..=31) {
            let from = day("2000-01-01") + Days::new(offset);
            let next = on_or_after(from, billing_day);
            prop_assert!(next >= from && next <= from + Days::new(31));
            prop_assert_eq!(on_or_after(next, billing_day), next);
            prop_assert_eq!(in_month_of(next, billing_day), next);
        }
    }
}
