//! `createInvoice`: bills a client.

use futures_util::future::BoxFuture;
use groupgraph_entities::{client, invoice};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, Set};
use uuid::Uuid;

use super::{
    document_number,
    lines::{self, Lines},
    settle::{rebalance, settle},
    status,
};
use crate::{
    company::{self, Company},
    error::Code,
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Creates an invoice.
pub fn create_invoice<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let tenant = company::owner(call, &tx).await?;
        let company = Company::find(&tx, tenant).await?;
        let client = client(call, &tx, tenant).await?;
        let lines = lines::read(call, &tx, &company.currency).await?;
        let row = row(call, &tx, &company, &client, &lines).await?.insert(&tx).await?;
        lines::replace(&tx, row.id, &lines).await?;
        settle(call, &tx, row.id, company.day(call.now())).await?;
        rebalance(&tx, client.id).await?;
        call.changed(ChangeKind::Created, "Invoice", row.id);
        call.commit(tx).await?;
        Ok(Payload::new().row("invoice", row.id))
    })
}

async fn row(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    client: &client::Model,
    lines: &Lines,
) -> Result<invoice::ActiveModel, Failure> {
    let (input, now) = (call.input, call.now());
    let owner = call.reference(tx, "owner", "Staff").await?;
    let issued_on = members::day(input, "issuedOn", "issuedOn")?.unwrap_or_else(|| company.day(now));
    let status = if call.flag("isDraft") { status::DRAFT } else { status::UNPAID };
    Ok(invoice::ActiveModel {
        tenant_id: Set(company.number),
        uuid: Set(Uuid::new_v4().to_string()),
        document_number: Set(number(call, tx, company.number).await?),
        status: Set(status.to_owned()),
        client_id: Set(Some(client.id)),
        client_name: Set(Some(client.name.clone())),
        owner_id: Set(owner),
        subtotal_minor: Set(lines.sums.subtotal),
        tax_total_minor: Set(lines.sums.tax),
        total_minor: Set(lines.sums.total),
        paid_total_minor: Set(0),
        balance_minor: Set(lines.sums.total),
        currency: Set(lines.currency.clone()),
        issued_on: Set(issued_on),
        due_on: Set(members::day(input, "dueOn", "dueOn")?),
        attributes: Set(members::json(input, "attributes")),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}

async fn number(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64) -> Result<String, Failure> {
    if let Some(text) = members::words(call.input, "documentNumber") {
        document_number::refuse_taken(tx, tenant, text, None).await?;
        return Ok(text.to_owned());
    }
    Ok(document_number::next(tx, tenant).await?)
}

/// The client that the input bills; it belongs to the company that bills.
///
/// # Errors
/// `REQUIRED`, `NOT_FOUND`, or `INVALID` for a client of another company.
pub(super) async fn client(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64) -> Result<client::Model, Failure> {
    let number = call.required(tx, "client", "Client").await?;
    let row = client::Entity::find_by_id(number).one(tx).await?;
    match row.filter(|row| row.tenant_id == tenant) {
        Some(row) => Ok(row),
        None => Err(fault(Code::Invalid, "client", "The client belongs to another company.")),
    }
}
