//! Rules of createTicket and updateTicket.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use groupgraph_entities::ticket;
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect};

use super::close::CLOSED;
use crate::{
    check,
    error::Error,
    rule::Draft,
    verb::{Call, Failure},
};

/// Number of the priority MEDIUM.
const MEDIUM: i32 = 2;

/// Opens the ticket under a key that nobody can guess.
pub(super) fn create<'a>(
    call: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "subject", "subject")?;
        draft.set("key", format!("{:032x}", rand::random::<u128>()));
        draft.set("status", "OPEN");
        draft.set("opened_by_id", call.viewer.staff);
        if draft.text("kind").is_none() {
            draft.set("kind", "SUPPORT");
        }
        if draft.integer("priority").is_none() {
            draft.set("priority", MEDIUM);
        }
        Ok(())
    })
}

/// Keeps the time of closing in step with the status.
pub(super) fn update<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "subject", "subject")?;
        let Some(status) = draft.text("status") else { return Ok(()) };
        let found = ticket::Entity::find_by_id(draft.written()).lock_exclusive().one(transaction).await?;
        let ticket = found.ok_or_else(|| Error::internal("the ticket to change is gone"))?;
        match (status == CLOSED, ticket.status == CLOSED) {
            (true, false) => draft.set("closed_at", call.now()),
            (false, true) => draft.set("closed_at", None::<DateTime<Utc>>),
            _ => {}
        }
        Ok(())
    })
}
