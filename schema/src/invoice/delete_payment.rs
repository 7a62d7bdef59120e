//! `deletePayment`: takes a payment back; what it paid is owed again.

use futures_util::future::BoxFuture;
use groupgraph_entities::{payment, payment_allocation};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::settle::{rebalance, settle};
use crate::{
    company::Company,
    engine::id,
    events::ChangeKind,
    verb::{Call, Outcome, Payload},
};

/// Takes a payment back.
pub fn delete_payment<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let number = call.required(&tx, "payment", "Payment").await?;
        let now = call.now();
        let deleted = payment::ActiveModel {
            id: Set(number),
            deleted_at: Set(Some(now)),
            updated_at: Set(now),
            ..Default::default()
        };
        let row = deleted.update(&tx).await?;
        let company = Company::find(&tx, row.tenant_id).await?;
        // Lowest number first, as `recordPayment` locks them.
        let parts = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::PaymentId.eq(number))
            .order_by_asc(payment_allocation::Column::InvoiceId)
            .all(&tx)
            .await?;
        for part in parts {
            settle(call, &tx, part.invoice_id, company.day(now)).await?;
            call.changed(ChangeKind::Updated, "Invoice", part.invoice_id);
        }
        if let Some(client) = row.client_id {
            rebalance(&tx, client).await?;
        }
        call.changed(ChangeKind::Deleted, "Payment", number);
        call.commit(tx).await?;
        Ok(Payload::new().plain("deletedId", id::encode("Payment", call.hub.instance, number)))
    })
}
