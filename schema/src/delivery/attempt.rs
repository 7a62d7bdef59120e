//! One attempt to send: the row's kind says which noun does it. It must not know the database.

use std::time::Duration;

use chrono::TimeDelta;
use groupgraph_entities::delivery;
use tracing::{Instrument, field::Empty};

use super::{Runner, post::Code};
use crate::{error::Error, halopsa, mail, payroll, prospect, record, webhook};

/// Longest text of a failure that is kept.
const LONGEST: usize = 500;

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// Stable word, such as `TIMED_OUT`.
    pub code: Code,
    /// Sentence for a person.
    pub message: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Whether another attempt cannot help.
    pub is_final: bool,
    /// What the receiver asks to wait.
    pub retry_after: Option<TimeDelta>,
}

impl Fault {
    /// A failure that another attempt may mend.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let message = message.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
        Self { code, message, status: None, is_final: false, retry_after: None }
    }

    /// The same, with the status of an answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same, for good.
    #[must_use]
    pub fn for_good(mut self) -> Self {
        self.is_final = true;
        self
    }
}

impl From<Error> for Fault {
    /// A fault of this hub: logged, and no more than named in the delivery.
    fn from(error: Error) -> Self {
        tracing::error!(%error, "a delivery could not be made ready");
        Self::new("INTERNAL", "It could not be made ready here; the operators can find it in the log.")
    }
}

/// What a successful attempt got: the HTTP status, if there is one.
pub type Sent = Result<Option<u16>, Fault>;

/// Sends a delivery once, within the time that an attempt has.
pub async fn attempt(runner: &Runner, row: &delivery::Model) -> Sent {
    let span = tracing::info_span!(
        "delivery",
        delivery = row.id,
        kind = row.kind,
        receiver = row.target,
        otel.kind = "client",
        otel.status_code = Empty,
        code = Empty,
    );
    let sent = bounded(runner, row).instrument(span.clone()).await;
    if let Err(fault) = &sent {
        span.record("otel.status_code", "ERROR").record("code", fault.code);
        span.in_scope(|| tracing::warn!(delivery = row.id, receiver = row.target, %fault, "an attempt failed"));
    }
    sent
}

async fn bounded(runner: &Runner, row: &delivery::Model) -> Sent {
    let hub = &runner.hub;
    if row.expires_at.is_some_and(|expires_at| expires_at <= hub.clock.now()) {
        return Err(Fault::new("EXPIRED", "It is worth nothing any more.").for_good());
    }
    let most = Duration::from_millis(hub.settings.deliveries.attempt_timeout_ms);
    let late = || Fault::new("TIMED_OUT", format!("There was no answer within {} ms.", most.as_millis()));
    tokio::time::timeout(most, by_kind(runner, row)).await.unwrap_or_else(|_| Err(late()))
}

async fn by_kind(runner: &Runner, row: &delivery::Model) -> Sent {
    match row.kind.as_str() {
        "PAYROLL" | "PAYSLIP" => payroll::send(runner, row).await,
        "WEBHOOK" => webhook::send(runner, row).await,
        "HALOPSA" => halopsa::send(runner, row).await,
        "MAIL" => mail::send(&runner.hub, row).await,
        "RECOGNITION" => record::recognition::send(&runner.hub, row).await,
        "ANNOUNCEMENT" => prospect::send_news(&runner.hub, row).await,
        other => Err(Fault::new("INTERNAL", format!("Nothing sends {other}.")).for_good()),
    }
}
