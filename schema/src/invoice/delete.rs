//! `deleteInvoice`: only drafts; what was issued can only be cancelled.

use futures_util::future::BoxFuture;
use groupgraph_entities::invoice;
use sea_orm::{ActiveModelTrait, Set};

use super::{settle::locked, status};
use crate::{
    engine::id,
    error::Code,
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

/// Deletes a draft.
pub fn delete_invoice<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let number = call.required(&tx, "invoice", "Invoice").await?;
        if locked(&tx, number).await?.status != status::DRAFT {
            return Err(fault(Code::WrongState, "invoice", "Only drafts are deleted; cancel this invoice instead."));
        }
        let now = call.now();
        let deleted = invoice::ActiveModel {
            id: Set(number),
            deleted_at: Set(Some(now)),
            updated_at: Set(now),
            ..Default::default()
        };
        deleted.update(&tx).await?;
        call.changed(ChangeKind::Deleted, "Invoice", number);
        call.commit(tx).await?;
        Ok(Payload::new().plain("deletedId", id::encode("Invoice", call.hub.instance, number)))
    })
}
