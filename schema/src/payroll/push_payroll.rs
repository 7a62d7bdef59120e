//! The mutation pushPayroll: pay is stored here, and in the same transaction put into the outbox.

use futures_util::future::BoxFuture;
use groupgraph_entities::delivery;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::{
    entry::{self, Pay},
    month::PayMonth,
    receiver::Receiver,
};
use crate::{
    delivery::{DELIVERED, Kind, PENDING, parcel},
    verb::{Call, Outcome, Payload},
};

/// Sends pay to a company. The same pay again is not sent again, unless it was given up.
pub(super) fn push_payroll<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let month = PayMonth::read(call.input)?;
        let transaction = call.begin().await?;
        let tenant = call.required(&transaction, "tenant", "Tenant").await?;
        let pay = Pay::read(call.input, &call.hub.directory.base_currency(Some(tenant)))?;
        let receiver = Receiver::find(&transaction, tenant).await?;
        receiver.knows(&transaction, tenant, month.staff).await?;
        let stored = entry::store(call, &transaction, (tenant, month), &pay).await?;
        if let Receiver::Source(source) = receiver
            && (stored.is_changed || !is_sent(&transaction, stored.number).await?)
        {
            let mut content = month.json();
            content.extend(pay.json());
            let mut parcel = parcel::parcel(call.hub, Kind::Payroll, format!("source:{source}"), &content);
            parcel.tenant_id = Set(Some(tenant));
            parcel.payroll_entry_id = Set(Some(stored.number));
            parcel.created_by_id = Set(call.viewer.staff);
            parcel::replace(call, &transaction, parcel, format!("payroll:{}", stored.number)).await?;
        }
        call.commit(transaction).await?;
        Ok(Payload::new().row("payrollEntry", stored.number))
    })
}

/// Whether the last delivery is on its way or has arrived.
async fn is_sent(transaction: &DatabaseTransaction, entry: i64) -> Result<bool, DbErr> {
    let last = delivery::Entity::find()
        .filter(delivery::Column::PayrollEntryId.eq(entry))
        .order_by_desc(delivery::Column::Id)
        .one(transaction)
        .await?;
    Ok(last.is_some_and(|row| row.status == PENDING || row.status == DELIVERED))
}
