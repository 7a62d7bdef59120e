//! The mutation addLeadFile.

use futures_util::future::BoxFuture;
use groupgraph_entities::lead;
use sea_orm::EntityTrait;

use crate::{
    error::Code,
    events::ChangeKind,
    upload::{self, Stored},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Attaches a file to a lead. The content is stored before the transaction begins: a row never names what is not
/// there, and the one writer of the database does not wait for a disk.
pub(super) fn add_lead_file<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let lead = call.required(&call.hub.database.read, "lead", "Lead").await?;
        let missing = || fault(Code::Required, "file", "Send the file as upload or as base64.");
        let stored = upload::store(call, "file").await?.ok_or_else(missing)?;
        match attach(call, lead, &stored).await {
            Ok(file) => Ok(Payload::new().row("file", file)),
            Err(failure) => {
                upload::discard(call, &stored.object_key).await;
                Err(failure)
            }
        }
    })
}

pub(super) async fn attach(call: &Call<'_>, number: i64, stored: &Stored) -> Result<i64, Failure> {
    let transaction = call.begin().await?;
    let lead = lead::Entity::find_by_id(number).one(&transaction).await?;
    let lead = lead.ok_or_else(|| fault(Code::NotFound, "lead", "There is no such lead."))?;
    let file = upload::insert(call, &transaction, stored, lead.tenant_id, Some(number)).await?;
    call.changed(ChangeKind::Created, "File", file);
    call.commit(transaction).await?;
    Ok(file)
}
