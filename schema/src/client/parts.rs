//! Rows that are written with their client: primary contact, bank account, open deal, first subscription.

use async_graphql::Value;
use groupgraph_entities::{bank_account, client, contact};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use super::{
    client_rules::{locked, object},
    contact_rules, faults, open_deal, opt_outs, subscription,
};
use crate::{
    company::Company,
    engine::mutate::{Target, draft, write as write_row},
    error::Error,
    invoice::rebalance,
    members,
    rule::Draft,
    subscription::bank_account as accounts,
    verb::{Call, Failure},
};

/// Writes what members of a client say beyond its columns.
///
/// # Errors
/// Faults by member, such as `primaryContact.email`.
pub(super) async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    written: &Draft,
    members: &Value,
) -> Result<(), Failure> {
    let row = locked(tx, written.written()).await?;
    let company = Company::find(tx, row.tenant_id).await?;
    if let Some(input) = members::present(members, "primaryContact") {
        under("primaryContact", primary_contact(call, tx, &row, input).await)?;
    }
    if let Some(input) = members::present(members, "bankAccount").filter(|input| accounts::is_given(input)) {
        under("bankAccount", bank_account(call, tx, &row, input).await)?;
    }
    if let Some(input) = members::present(members, "deal") {
        open_deal::write(call, tx, &company, &row, input).await?;
    }
    let today = company.day(call.now());
    opt_outs::follow(call, tx, &row, today).await?;
    if let Some(input) = members::present(members, "subscription").filter(|input| faults::is_given(input)) {
        let row = locked(tx, row.id).await?;
        subscription::write(call, tx, &company, &row, input).await?;
    }
    if written.values.contains_key("opening_balance_minor") {
        rebalance(tx, row.id).await?;
    }
    Ok(())
}

/// Puts the name of a member before the fields of its faults.
fn under<T>(member: &str, result: Result<T, Failure>) -> Result<T, Failure> {
    result.map_err(|failure| match failure {
        Failure::User(mut errors) => {
            for error in &mut errors {
                error.field.insert(0, member.to_owned());
            }
            Failure::User(errors)
        }
        other @ Failure::Error(_) => other,
    })
}

async fn primary_contact(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    client: &client::Model,
    input: &Value,
) -> Result<(), Failure> {
    let found = contact::Entity::find()
        .filter(contact::Column::ClientId.eq(client.id))
        .filter(contact::Column::IsPrimary.eq(true))
        .filter(contact::Column::DeletedAt.is_null())
        .one(tx)
        .await?;
    let (tenant, number) = (Some(client.tenant_id), found.as_ref().map(|row| row.id));
    let target = Target { of: "Contact", input: "ContactInput", tenant, number };
    let mut row = draft(call, tx, target, &object(input)).await?;
    if found.is_none() {
        row.set("client_id", client.id);
        row.set("is_primary", true);
    }
    // A contact that the client gives no name is called like the client.
    contact_rules::name(&mut row, found.as_ref(), Some(&client.name))?;
    contact_rules::refuse_duplicate_email(tx, &row).await?;
    write_row(call, tx, &mut row).await?;
    Ok(())
}

async fn bank_account(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    client: &client::Model,
    input: &Value,
) -> Result<(), Failure> {
    let (tenant, number) = (Some(client.tenant_id), client.debit_account_id);
    let target = Target { of: "BankAccount", input: "BankAccountInput", tenant, number };
    let mut row = draft(call, tx, target, &object(input)).await?;
    row.set("client_id", client.id);
    let verdict = accounts::verify(call, tx, input, "").await?;
    row.set("verification", verdict.verification());
    row.set("verified_with", verdict.verified_with());
    let number = write_row(call, tx, &mut row).await?;
    Ok(set_debit_account(tx, client.id, number).await?)
}

async fn set_debit_account(tx: &DatabaseTransaction, client: i64, account: i64) -> Result<(), Error> {
    let active = bank_account::ActiveModel { id: Set(account), is_active: Set(true), ..Default::default() };
    active.update(tx).await?;
    client::ActiveModel { id: Set(client), debit_account_id: Set(Some(account)), ..Default::default() }
        .update(tx)
        .await?;
    Ok(())
}
