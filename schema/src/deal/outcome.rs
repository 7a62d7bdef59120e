//! How a deal ends. Won and lost are final.

use chrono::{DateTime, Utc};
use groupgraph_entities::deal;

use crate::{
    error::Code,
    rule::Draft,
    verb::{Failure, fault},
};

/// The status of a deal that is still worked.
pub(crate) const OPEN: &str = "OPEN";

/// Whether a status or phase ends a deal.
pub(super) fn is_final(word: &str) -> bool {
    matches!(word, "WON" | "LOST")
}

/// Chance to win of a deal that ended so, in percent.
pub(super) fn probability(status: &str) -> i32 {
    if status == "WON" { 100 } else { 0 }
}

/// What webhooks are told of a deal that ended so.
pub(super) fn event(status: &str) -> &'static str {
    if status == "WON" { "DEAL_WON" } else { "DEAL_LOST" }
}

/// The status that an update asks for, by status, by phase or by both.
///
/// # Errors
/// `INVALID` on `phase` if the two contradict one another.
pub(super) fn asked<'a>(status: Option<&'a str>, phase: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
    let by_phase = phase.map(|phase| if is_final(phase) { phase } else { OPEN });
    match (status, by_phase) {
        (Some(status), Some(by_phase)) if status != by_phase => {
            Err(fault(Code::Invalid, "phase", "Status and phase contradict one another."))
        }
        _ => Ok(status.or(by_phase)),
    }
}

/// Refuses to change what is final about a closed deal; the same values again are no change.
///
/// # Errors
/// `WRONG_STATE` naming the member.
pub(super) fn stays_closed(deal: &deal::Model, draft: &Draft, phase: Option<&str>) -> Result<(), Failure> {
    let differs = |column: &str, now: Option<i64>| draft.values.contains_key(column) && draft.integer(column) != now;
    let member = if draft.text("status").is_some_and(|status| status != deal.status) {
        "status"
    } else if phase.is_some_and(|phase| phase != deal.status) {
        "phase"
    } else if differs("stage_id", deal.stage_id) {
        "stage"
    } else if differs("pipeline_id", deal.pipeline_id) {
        "pipeline"
    } else if differs("probability", deal.probability.map(i64::from)) {
        "probability"
    } else {
        return Ok(());
    };
    Err(closed(member))
}

/// The refusal of anything that needs an open deal.
pub(super) fn closed(member: &str) -> Failure {
    fault(Code::WrongState, member, "The deal is closed, and that is final.")
}

/// Closes the drafted deal.
pub(super) fn close(draft: &mut Draft, status: &str, now: DateTime<Utc>) {
    draft.set("status", status);
    draft.set("probability", probability(status));
    draft.set("closed_at", now);
}
