//! `updateClients`: many clients, matched by exact name, ignoring case, each by itself.

use async_graphql::{Name, Value};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{batch, client_rules, listed, parts};
use crate::{
    engine::mutate::write,
    error::Code,
    members,
    verb::{Call, Failure, Outcome, fault},
};

/// Changes many clients.
pub fn update_clients<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(batch::run(call, |call, tx, tenant, row| Box::pin(update(call, tx, tenant, row))))
}

async fn update(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64, row: &Value) -> Result<i64, Failure> {
    let name = members::words(row, "name").ok_or_else(|| fault(Code::Required, "name", "Say which client."))?;
    let Some(client) = batch::by_name(tx, tenant, name).await? else {
        return Err(fault(Code::NotFound, "name", "There is no client of this name."));
    };
    let client = client_rules::locked(tx, client.id).await?;
    let (row, unlisted) = listed::resolve(tx, &unnamed(row), Some(&client)).await?;
    let mut draft = batch::draft_row(call, tx, &row, (tenant, Some(&client)), unlisted).await?;
    client_rules::change(tx, &mut draft, &client).await?;
    let number = write(call, tx, &mut draft).await?;
    parts::write(call, tx, &draft, &row).await?;
    Ok(number)
}

/// The members of a row but its name, which selects and so does not change.
fn unnamed(row: &Value) -> Value {
    let mut row = row.clone();
    if let Value::Object(members) = &mut row {
        members.shift_remove(&Name::new("name"));
    }
    row
}
