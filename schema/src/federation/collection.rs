//! The collections that sources may answer for, and their names. It must not know their fields.

/// One list of rows that every company has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    Staff,
    Leads,
    Deals,
    Tasks,
    Tickets,
    Announcements,
    ActivityLogs,
    Invoices,
    Payments,
    Clients,
    Products,
    Prospects,
}

/// Collection, word of `SourceCollection`, field of `Query`, type of the rows.
const NAMES: [(Collection, &str, &str, &str); 12] = [
    (Collection::Staff, "STAFF", "staff", "Staff"),
    (Collection::Leads, "LEADS", "leads", "Lead"),
    (Collection::Deals, "DEALS", "deals", "Deal"),
    (Collection::Tasks, "TASKS", "tasks", "Task"),
    (Collection::Tickets, "TICKETS", "tickets", "Ticket"),
    (Collection::Announcements, "ANNOUNCEMENTS", "announcements", "Announcement"),
    (Collection::ActivityLogs, "ACTIVITY_LOGS", "activityLogs", "ActivityLog"),
    (Collection::Invoices, "INVOICES", "invoices", "Invoice"),
    (Collection::Payments, "PAYMENTS", "payments", "Payment"),
    (Collection::Clients, "CLIENTS", "clients", "Client"),
    (Collection::Products, "PRODUCTS", "products", "Product"),
    (Collection::Prospects, "PROSPECTS", "prospects", "Prospect"),
];

impl Collection {
    /// All of them, in the order of `SourceCollection`.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|names| names.0)
    }

    /// The collection with this word of `SourceCollection`, such as "LEADS".
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        NAMES.iter().find(|names| names.1 == word).map(|names| names.0)
    }

    /// The value of `SourceCollection`, such as "LEADS".
    #[must_use]
    pub fn word(self) -> &'static str {
        self.names().1
    }

    /// The field of `Query` at a source, such as "leads".
    #[must_use]
    pub fn root_field(self) -> &'static str {
        self.names().2
    }

    /// The type of the rows, such as "Lead".
    #[must_use]
    pub fn type_name(self) -> &'static str {
        self.names().3
    }

    fn names(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        &NAMES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lie_in_the_order_of_the_enum() {
        for (position, names) in NAMES.iter().enumerate() {
            assert_eq!(names.0 as usize, position);
            assert_eq!(Collection::from_word(names.1), Some(names.0));
        }
    }
}
