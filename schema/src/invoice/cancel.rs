//! `cancelInvoice`: nothing is owed any more, but the row stays.

use futures_util::future::BoxFuture;
use groupgraph_entities::invoice;
use sea_orm::{ActiveModelTrait, Set};

use super::{
    settle::{locked, rebalance, settle},
    status,
};
use crate::{
    company::Company,
    error::Code,
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

/// Cancels an invoice that nothing was paid on.
pub fn cancel_invoice<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let number = call.required(&tx, "invoice", "Invoice").await?;
        let row = locked(&tx, number).await?;
        if row.paid_total_minor != 0 {
            return Err(fault(
                Code::WrongState,
                "invoice",
                "Something was paid on this invoice; take that back first.",
            ));
        }
        if row.status == status::CANCELLED {
            return Err(fault(Code::WrongState, "invoice", "This invoice is cancelled already."));
        }
        let changed = invoice::ActiveModel {
            id: Set(number),
            status: Set(status::CANCELLED.to_owned()),
            updated_at: Set(call.now()),
            ..Default::default()
        };
        changed.update(&tx).await?;
        let company = Company::find(&tx, row.tenant_id).await?;
        if let Some(client) = settle(call, &tx, number, company.day(call.now())).await? {
            rebalance(&tx, client).await?;
        }
        call.changed(ChangeKind::Updated, "Invoice", number);
        call.commit(tx).await?;
        Ok(Payload::new().row("invoice", number))
    })
}
