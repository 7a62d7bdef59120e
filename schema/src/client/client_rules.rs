//! What a client must fulfil, and the rows that come with it.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{client, invoice};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set,
    sea_query::LockType,
};
use uuid::Uuid;

use super::{faults, parts};
use crate::{
    company::{self, Company},
    compare::key,
    error::{Code, Error},
    rule::Draft,
    tree,
    verb::{Call, Failure, fault},
};

/// Fills in what a new client has from the start.
pub fn before_create<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let errors = faults::of_members(call, tx, call.input, None).await?;
        if !errors.is_empty() {
            return Err(Failure::User(errors));
        }
        begin(tx, draft).await
    })
}

/// Checks what a change brings.
pub fn before_update<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let row = locked(tx, draft.written()).await?;
        let errors = faults::of_members(call, tx, call.input, Some(&row)).await?;
        if !errors.is_empty() {
            return Err(Failure::User(errors));
        }
        change(tx, draft, &row).await
    })
}

/// Writes contact, bank account, deal and subscription.
pub fn after<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(parts::write(call, tx, draft, call.input))
}

/// Refuses to delete a client that was billed.
pub fn before_delete<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let number = draft.written();
        locked(tx, number).await?;
        let invoices = invoice::Entity::find()
            .filter(invoice::Column::ClientId.eq(number))
            .filter(invoice::Column::DeletedAt.is_null())
            .count(tx)
            .await?;
        if invoices > 0 {
            return Err(fault(Code::WrongState, "client", "The client has invoices; make it inactive instead."));
        }
        Ok(())
    })
}

/// Columns of a new client that no input gives.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn begin(tx: &DatabaseTransaction, draft: &mut Draft) -> Result<(), Failure> {
    let tenant = draft.tenant.ok_or_else(|| fault(Code::Required, "tenant", "Say which company."))?;
    let company = Company::find(tx, tenant).await?;
    draft.default("uuid", Uuid::new_v4().to_string());
    draft.default("kind", "ACCOUNT");
    keep_name_key(draft);
    draft.set("balance_minor", 0_i64);
    draft.set("balance_currency", company.currency);
    Ok(())
}

/// What a change of a stored client must fulfil.
///
/// # Errors
/// `INVALID` for a client below itself.
pub(super) async fn change(tx: &DatabaseTransaction, draft: &mut Draft, row: &client::Model) -> Result<(), Failure> {
    keep_name_key(draft);
    if let Some(parent) = draft.integer("parent_id") {
        company::lock(tx, row.tenant_id).await?;
        tree::refuse_cycle(tx, "client", row.id, parent).await?;
    }
    Ok(())
}

/// A new name is also compared as such.
fn keep_name_key(draft: &mut Draft) {
    if let Some(key) = draft.text("name").map(key) {
        draft.set("name_key", key);
    }
}

/// Reads a client and keeps others from changing it until the transaction ends.
///
/// # Errors
/// The database is out of reach, or there is no such client.
pub(super) async fn locked(tx: &DatabaseTransaction, number: i64) -> Result<client::Model, Error> {
    let row = client::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
    row.ok_or_else(|| Error::internal(format!("there is no client {number}")))
}

/// Makes a client active.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn activate(tx: &DatabaseTransaction, number: i64) -> Result<(), Error> {
    client::ActiveModel { id: Set(number), is_active: Set(true), ..Default::default() }.update(tx).await?;
    Ok(())
}

/// The members of an input object, for the engine.
pub(super) fn object(input: &Value) -> async_graphql::indexmap::IndexMap<async_graphql::Name, Value> {
    match input {
        Value::Object(members) => members.clone(),
        _ => async_graphql::indexmap::IndexMap::new(),
    }
}
