//! The outbox: what leaves for other systems is a row first, written in the transaction that causes it, and sent by a
//! runner of whichever replica takes it. It must not know what pay, events or mails look like: their nouns do.

mod attempt;
mod cancel_delivery;
mod claim;
mod housekeeping;
pub mod parcel;
pub mod post;
mod record;
mod retry_delivery;
mod runner;
mod schedule;

pub use attempt::Fault;
pub use runner::Runner;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] =
    &[("retryDelivery", retry_delivery::retry_delivery), ("cancelDelivery", cancel_delivery::cancel_delivery)];

/// Type of the rows, as watchers hear of it.
pub const TYPE: &str = "Delivery";

/// Waiting for its turn.
pub const PENDING: &str = "PENDING";
/// Arrived.
pub const DELIVERED: &str = "DELIVERED";
/// Given up.
pub const FAILED: &str = "FAILED";
/// Called back.
pub const CANCELLED: &str = "CANCELLED";

/// What can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Payroll,
    Payslip,
    Webhook,
    Mail,
    Announcement,
    Halopsa,
    Recognition,
}

impl Kind {
    /// The value of `DeliveryKind`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Payroll => "PAYROLL",
            Self::Payslip => "PAYSLIP",
            Self::Webhook => "WEBHOOK",
            Self::Mail => "MAIL",
            Self::Announcement => "ANNOUNCEMENT",
            Self::Halopsa => "HALOPSA",
            Self::Recognition => "RECOGNITION",
        }
    }
}
