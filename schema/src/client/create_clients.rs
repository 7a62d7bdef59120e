//! `createClients`: many clients, each by itself; names are unique, ignoring case.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{
    batch::{self, Attempt, Batch},
    client_rules, parts,
};
use crate::{
    company,
    engine::mutate::write,
    error::{Code, UserError},
    members,
    verb::{Call, Failure, Outcome},
};

/// Creates many clients.
pub fn create_clients<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tenant = company::own(call.hub, call.viewer)?;
        let tx = call.begin().await?;
        // Two batches of one company follow each other, so that names stay unique.
        company::lock(&tx, tenant).await?;
        let mut batch = Batch::default();
        for (index, row) in batch::rows(call).iter().enumerate() {
            let attempt = Attempt::begin(call, &tx).await?;
            let outcome = create(call, &attempt.tx, tenant, row).await;
            match attempt.end(call, outcome).await? {
                Ok(number) => batch.accept(index, number),
                Err(errors) => batch.reject(index, &errors),
            }
        }
        call.commit(tx).await?;
        Ok(batch.payload())
    })
}

async fn create(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64, row: &Value) -> Result<i64, Failure> {
    let taken = match members::words(row, "name") {
        Some(name) => batch::by_name(tx, tenant, name).await?,
        None => None,
    };
    let duplicate = taken.map(|client| UserError {
        conflicts_with: Some(("Client", client.id)),
        ..UserError::new(Code::DuplicateName, "name", "Another client has this name.")
    });
    let mut draft = batch::draft_row(call, tx, row, (tenant, None), duplicate.into_iter().collect()).await?;
    client_rules::begin(tx, &mut draft).await?;
    let number = write(call, tx, &mut draft).await?;
    parts::write(call, tx, &draft, row).await?;
    Ok(number)
}
