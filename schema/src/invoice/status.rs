//! Which status an invoice has. Pure: it must not know the database.

use chrono::NaiveDate;

pub const DRAFT: &str = "DRAFT";
pub const UNPAID: &str = "UNPAID";
pub const PARTIALLY_PAID: &str = "PARTIALLY_PAID";
pub const PAID: &str = "PAID";
pub const OVERDUE: &str = "OVERDUE";
pub const CANCELLED: &str = "CANCELLED";

/// What counts for the status of an invoice, amounts in minor units.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The status so far.
    pub status: &'a str,
    pub total: i64,
    pub paid: i64,
    pub due_on: Option<NaiveDate>,
}

/// The status as of a day. Drafts and cancelled invoices stay what they are.
#[must_use]
pub fn follow(standing: Standing<'_>, today: NaiveDate) -> &'static str {
    match standing.status {
        DRAFT => DRAFT,
        CANCELLED => CANCELLED,
        _ if standing.paid >= standing.total => PAID,
        _ if standing.paid > 0 => PARTIALLY_PAID,
        _ if standing.due_on.is_some_and(|due| due < today) => OVERDUE,
        _ => UNPAID,
    }
}

/// Whether the client owes for an invoice.
#[must_use]
pub fn is_owed(status: &str) -> bool {
    !matches!(status, DRAFT | CANCELLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_follows_the_payments_and_the_due_day() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let today = day("2026-05-19");
        let cases = [
            (UNPAID, 100, 0, None, UNPAID),
            (UNPAID, 100, 0, Some("2026-05-19"), UNPAID),
            (UNPAID, 100, 0, Some("2026-05-18"), OVERDUE),
            (OVERDUE, 100, 0, Some("2026-05-20"), UNPAID),
            (OVERDUE, 100, 1, Some("2026-05-18"), PARTIALLY_PAID),
            (UNPAID, 100, 99, None, PARTIALLY_PAID),
            (UNPAID, 100, 100, None, PAID),
            (PAID, 100, 0, None, UNPAID),
            (UNPAID, 0, 0, Some("2026-05-18"), PAID),
            (DRAFT, 100, 0, Some("2026-05-18"), DRAFT),
            (CANCELLED, 100, 0, Some("2026-05-18"), CANCELLED),
        ];
        for (status, total, paid, due_on, expected) in cases {
            let standing = Standing { status, total, paid, due_on: due_on.map(day) };
            assert_eq!(follow(standing, today), expected, "{standing:?}");
        }
    }
}
