//! Every attempt to import a lead, kept: statistics are counted from these rows, and a bulk import that was cut is
//! answered from them.

use std::time::Instant;

use groupgraph_entities::import_attempt;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, Set};

use crate::{error::UserError, verb::Call};

/// What was attempted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub tenant: i64,
    pub provider: &'a str,
    /// Bulk import and row.
    pub of: Option<(i64, i32)>,
    pub started: Instant,
}

/// Keeps how it went.
///
/// # Errors
/// The database refused.
pub(super) async fn record<C: ConnectionTrait>(
    call: &Call<'_>,
    db: &C,
    attempt: Attempt<'_>,
    outcome: Result<i64, &UserError>,
) -> Result<(), DbErr> {
    let row = import_attempt::ActiveModel {
        tenant_id: Set(attempt.tenant),
        batch_id: Set(attempt.of.map(|(batch, _)| batch)),
        row_index: Set(attempt.of.map(|(_, row)| row)),
        provider: Set(attempt.provider.to_owned()),
        lead_id: Set(outcome.ok()),
        is_success: Set(outcome.is_ok()),
        error_code: Set(outcome.err().map(|error| error.code.name().to_owned())),
        message: Set(outcome.err().map(|error| error.message.clone())),
        took_ms: Set(i32::try_from(attempt.started.elapsed().as_millis()).unwrap_or(i32::MAX)),
        occurred_at: Set(call.now()),
        ..Default::default()
    };
    row.insert(db).await.map(drop)
}
