//! Rules of addReminder.

use futures_util::future::BoxFuture;
use groupgraph_entities::lead;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A reminder is for somebody, and not for a day that is over where the lead's company is.
pub(super) fn add<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "text", "text")?;
        if let Some(number) = draft.integer("lead_id") {
            let lead = lead::Entity::find_by_id(number).one(transaction).await?;
            draft.tenant = lead.map(|lead| lead.tenant_id).or(draft.tenant);
        }
        if draft.integer("staff_id").is_none() {
            let nobody = || fault(Code::Required, "staff", "Say who is to be reminded.");
            draft.set("staff_id", call.viewer.staff.ok_or_else(nobody)?);
        }
        let today = call.hub.directory.today(call.now(), draft.tenant);
        if check::day_after(draft, "due_on", None).is_some_and(|day| day < today) {
            return Err(fault(Code::InvalidDate, "dueOn", "The day is over; choose today or a later one."));
        }
        Ok(())
    })
}
