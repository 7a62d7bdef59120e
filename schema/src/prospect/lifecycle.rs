//! Moves of a prospect in its qualification, and their history.

use chrono::{DateTime, Utc};
use groupgraph_entities::{prospect, prospect_lifecycle_change};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, Set};

use crate::{
    error::{Code, Error},
    verb::{Failure, fault},
};

pub const QUALIFIED: &str = "QUALIFIED";
pub const DISQUALIFIED: &str = "DISQUALIFIED";
pub const CONVERTED: &str = "CONVERTED";

/// A move that somebody makes.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    pub to: &'a str,
    pub reason: Option<&'a str>,
    pub by: Option<i64>,
    pub at: DateTime<Utc>,
}

/// Checks a move: any is allowed except out of CONVERTED, and disqualifying needs a reason.
///
/// # Errors
/// `WRONG_STATE` or `REQUIRED`.
pub fn check(from: &str, to: &str, reason: Option<&str>) -> Result<(), Failure> {
    if from == CONVERTED {
        return Err(fault(Code::WrongState, "prospect", "The prospect became a client, which is final."));
    }
    if to == DISQUALIFIED && reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(fault(Code::Required, "reason", "Say why the prospect is disqualified."));
    }
    Ok(())
}

/// Writes a move into the history; staying where it is leaves no trace.
///
/// # Errors
/// The database is out of reach.
pub async fn record(tx: &DatabaseTransaction, row: &prospect::Model, made: Move<'_>) -> Result<(), Error> {
    if row.lifecycle == made.to {
        return Ok(());
    }
    let change = prospect_lifecycle_change::ActiveModel {
        prospect_id: Set(row.id),
        from: Set(Some(row.lifecycle.clone())),
        to: Set(made.to.to_owned()),
        reason: Set(made.reason.map(str::to_owned)),
        changed_by_id: Set(made.by),
        changed_at: Set(made.at),
        ..Default::default()
    };
    change.insert(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_move_but_out_of_converted() {
        let steps = ["NEW", "CONTACTED", "NURTURING", QUALIFIED, DISQUALIFIED, CONVERTED];
        for from in steps {
            for to in steps {
                assert_eq!(check(from, to, Some("No budget")).is_ok(), from != CONVERTED, "{from} to {to}");
            }
        }
        for reason in [None, Some(" ")] {
            assert!(
                matches!(check("NEW", DISQUALIFIED, reason), Err(Failure::User(errors)) if errors[0].code == Code::Required)
            );
            assert!(check("NEW", QUALIFIED, reason).is_ok());
        }
    }
}
