//! `createClients`: many clients, each by itself; names are unique, ignoring case.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{batch, client_rules, listed, parts};
use crate::{
    engine::mutate::write,
    error::{Code, UserError},
    members,
    verb::{Call, Failure, Outcome},
};

/// Creates many clients.
pub fn create_clients<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(batch::run(call, |call, tx, tenant, row| Box::pin(create(call, tx, tenant, row))))
}

async fn create(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64, row: &Value) -> Result<i64, Failure> {
    let mut errors = Vec::new();
    match members::words(row, "name") {
        None => errors.push(UserError::new(Code::Required, "name", "Give the client a name.")),
        Some(name) => errors.extend(batch::by_name(tx, tenant, name).await?.map(|client| UserError {
            conflicts_with: Some(("Client", client.id)),
            ..UserError::new(Code::DuplicateName, "name", "Another client has this name.")
        })),
    }
    let (row, unlisted) = listed::resolve(tx, row, None).await?;
    errors.extend(unlisted);
    let mut draft = batch::draft_row(call, tx, &row, (tenant, None), errors).await?;
    client_rules::begin(tx, &mut draft).await?;
    draft.set("has_unique_name", true);
    let number = write(call, tx, &mut draft).await?;
    parts::write(call, tx, &draft, &row).await?;
    Ok(number)
}
