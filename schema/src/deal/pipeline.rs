//! Rules of pipelines and stages.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::outcome;
use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A stage has a name and a pipeline, and no phase that only closing a deal brings.
pub(super) fn check_stage<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "name", "name")?;
        let is_cleared = draft.values.contains_key("pipeline_id") || draft.is_new();
        if is_cleared && draft.integer("pipeline_id").is_none() {
            return Err(fault(Code::Required, "pipeline", "Say which pipeline the stage belongs to."));
        }
        if draft.text("phase").is_some_and(outcome::is_final) {
            return Err(fault(Code::Invalid, "phase", "A stage is in discovery, proposal or negotiation."));
        }
        Ok(())
    })
}

/// Deleted leads do not hold a pipeline.
pub(super) fn release_pipeline<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(
        async move { Ok(check::release(transaction, "lead", &["pipeline_id", "stage_id"], draft.written()).await?) },
    )
}

/// Deleted leads do not hold a stage.
pub(super) fn release_stage<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { Ok(check::release(transaction, "lead", &["stage_id"], draft.written()).await?) })
}
