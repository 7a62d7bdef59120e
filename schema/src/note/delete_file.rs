//! The mutation deleteLeadFile.

use futures_util::future::BoxFuture;
use groupgraph_entities::file;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::{
    engine::id,
    error::Code,
    upload,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Deletes a file of a lead: the row, and once that is for good, the content.
pub(super) fn delete_lead_file<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let file = call.required(&transaction, "file", "File").await?;
        let object_key = delete(call, &transaction, file).await?;
        call.commit(transaction).await?;
        upload::discard(call, &object_key).await;
        Ok(Payload::new().plain("deletedId", id::encode("File", call.hub.instance, file)))
    })
}

/// Returns the key of the content.
pub(super) async fn delete(call: &Call<'_>, transaction: &DatabaseTransaction, number: i64) -> Result<String, Failure> {
    let found = file::Entity::find_by_id(number).one(transaction).await?.filter(|file| file.lead_id.is_some());
    let file = found.ok_or_else(|| fault(Code::NotFound, "file", "There is no such file of a lead."))?;
    file::Entity::delete_by_id(number).exec(transaction).await?;
    call.deleted("File", number, Some(file.tenant_id));
    Ok(file.object_key)
}
