//! Rules of createGoal and updateGoal.

use futures_util::future::BoxFuture;
use groupgraph_entities::goal;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A goal has something to reach, and time for it.
pub(super) fn check<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "subject", "subject")?;
        if draft.integer("target").is_some_and(|target| target <= 0) {
            return Err(fault(Code::Invalid, "target", "A target is at least 1."));
        }
        let now = match draft.number {
            Some(number) => goal::Entity::find_by_id(number).one(transaction).await?,
            None => None,
        };
        let start = check::day_after(draft, "start_on", now.as_ref().map(|goal| goal.start_on));
        let end = check::day_after(draft, "end_on", now.as_ref().map(|goal| goal.end_on));
        check::in_order(start, end, "endOn")
    })
}
