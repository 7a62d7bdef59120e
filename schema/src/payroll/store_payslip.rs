//! The mutation storePayslip: the document lies in the object store, the company gets a signed link that expires.

use futures_util::future::BoxFuture;
use groupgraph_entities::{file, payslip};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde_json::json;

use super::{
    month::PayMonth,
    payslip::{TYPE, find},
    receiver::Receiver,
};
use crate::{
    company,
    delivery::{Kind, parcel},
    events::ChangeKind,
    upload::{self, Stored},
    verb::{Call, Failure, Outcome, Payload},
};

/// Largest document, in bytes.
const MAX_BYTES: u64 = 10_000_000;

/// Stores a payslip; one of the same person and month is replaced, and its links die.
pub(super) fn store_payslip<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let month = PayMonth::read(call.input)?;
        let read = &call.hub.database.read;
        let tenant = call.required(read, "tenant", "Tenant").await?;
        let receiver = Receiver::find(read, tenant).await?;
        receiver.knows(read, tenant, month.staff).await?;
        let stored = upload::store_document(call, "document", MAX_BYTES).await?;
        match write(call, (tenant, month), receiver, &stored).await {
            Ok((number, old)) => {
                if let Some(object_key) = old {
                    upload::discard(call, &object_key).await;
                }
                Ok(Payload::new().row("payslip", number))
            }
            Err(failure) => {
                upload::discard(call, &stored.object_key).await;
                Err(failure)
            }
        }
    })
}

/// The number of the row, and the content that it had before.
async fn write(
    call: &Call<'_>,
    (tenant, month): (i64, PayMonth),
    receiver: Receiver,
    stored: &Stored,
) -> Result<(i64, Option<String>), Failure> {
    let transaction = call.begin().await?;
    // Two documents for the same person and month come one after the other.
    company::lock(&transaction, tenant).await?;
    let file = upload::insert(call, &transaction, stored, tenant, None).await?;
    let before = find(&transaction, tenant, month).await?;
    let mut row = payslip::ActiveModel {
        tenant_id: Set(tenant),
        remote_staff_number: Set(month.staff),
        month: Set(month.month),
        year: Set(month.year),
        file_name: Set(stored.accepted.name.clone()),
        file_id: Set(Some(file)),
        link: Set(None),
        uploaded_by_id: Set(call.viewer.staff),
        uploaded_at: Set(call.now()),
        synced_at: Set((receiver == Receiver::Own).then(|| call.now())),
        ..Default::default()
    };
    let (number, old) = match before {
        Some(before) => {
            row.id = Set(before.id);
            row.update(&transaction).await?;
            (before.id, remove(&transaction, before.file_id).await?)
        }
        None => (row.insert(&transaction).await?.id, None),
    };
    let kind = if old.is_some() { ChangeKind::Updated } else { ChangeKind::Created };
    call.changed(kind, TYPE, number);
    if let Receiver::Source(source) = receiver {
        let mut content = month.json();
        content.insert("fileName".into(), json!(stored.accepted.name));
        content.insert("file".into(), json!(file));
        let mut parcel = parcel::parcel(call.hub, Kind::Payslip, format!("source:{source}"), &content);
        parcel.tenant_id = Set(Some(tenant));
        parcel.payslip_id = Set(Some(number));
        parcel.created_by_id = Set(call.viewer.staff);
        parcel::replace(call, &transaction, parcel, format!("payslip:{number}")).await?;
    }
    call.commit(transaction).await?;
    Ok((number, old))
}

async fn remove(transaction: &DatabaseTransaction, file: Option<i64>) -> Result<Option<String>, Failure> {
    let Some(number) = file else { return Ok(None) };
    let row = file::Entity::find_by_id(number).one(transaction).await?;
    file::Entity::delete_by_id(number).exec(transaction).await?;
    Ok(row.map(|row| row.object_key))
}
