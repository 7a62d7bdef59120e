//! Rules of deleting what sorts leads: deleted leads do not hold it.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    check,
    rule::Draft,
    verb::{Call, Failure},
};

/// Before a status goes.
pub(super) fn release_status<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { Ok(check::release(transaction, "lead", &["status_id"], draft.written()).await?) })
}

/// Before a source goes.
pub(super) fn release_source<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { Ok(check::release(transaction, "lead", &["source_id"], draft.written()).await?) })
}
