//! Rules of invoices and payments that come as rows, from callers who know totals and no lines: the same as of the
//! verbs. It must not know who calls.

use futures_util::future::BoxFuture;
use groupgraph_entities::{client, invoice, payment, payment_allocation};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, Set, sea_query::LockType,
};
use uuid::Uuid;

use super::{
    document_number,
    settle::{SETTLED, locked, rebalance, settle},
    status,
};
use crate::{
    company::Company,
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Columns that an invoice takes only while nothing is paid on it, and their members.
const UNPAID_ONLY: [(&str, &str); 5] = [
    ("document_number", "documentNumber"),
    ("client_id", "client"),
    ("owner_id", "owner"),
    ("total_minor", "total"),
    ("issued_on", "issuedOn"),
];
/// Statuses that somebody says; the others follow the payments.
const SAID: [&str; 3] = [status::DRAFT, status::UNPAID, status::CANCELLED];
/// Payments of which no sum is known yet.
const PENDING: &str = "PENDING";

/// What a new invoice has from the start, and what a stored one still takes.
pub(super) fn before_invoice<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let company = Company::find(tx, draft.tenant.unwrap_or_default()).await?;
        if draft.text("status").is_some_and(|status| !SAID.contains(&status)) {
            return Err(fault(Code::Invalid, "status", "This status follows the payments; it cannot be said."));
        }
        if let Some(minor) = draft.integer("total_minor").filter(|minor| *minor < 0) {
            return Err(fault(Code::Invalid, "total", format!("An invoice is zero or more, not {minor}.")));
        }
        match draft.number {
            None => begin(call, tx, draft, &company).await?,
            Some(number) => change(tx, draft, &locked(tx, number).await?).await?,
        }
        if let Some(number) = draft.integer("client_id") {
            let client = client::Entity::find_by_id(number).one(tx).await?;
            draft.set("client_name", client.map(|client| client.name));
        }
        Ok(())
    })
}

async fn begin(call: &Call<'_>, tx: &DatabaseTransaction, draft: &mut Draft, company: &Company) -> Result<(), Failure> {
    match draft.text("document_number").map(str::to_owned) {
        Some(text) => document_number::refuse_taken(tx, company.number, &text, None).await?,
        None => draft.set("document_number", document_number::next(tx, company.number).await?),
    }
    draft.set("uuid", Uuid::new_v4().to_string());
    draft.default("status", status::UNPAID);
    draft.default("currency", company.currency.clone());
    draft.default("issued_on", company.day(call.now()));
    let total = draft.integer("total_minor").unwrap_or_default();
    for (column, minor) in [
        ("subtotal_minor", total),
        ("tax_total_minor", 0),
        ("total_minor", total),
        ("paid_total_minor", 0),
        ("balance_minor", total),
    ] {
        draft.default(column, minor);
    }
    Ok(())
}

async fn change(tx: &DatabaseTransaction, draft: &mut Draft, row: &invoice::Model) -> Result<(), Failure> {
    let is_closed = row.paid_total_minor != 0 || row.status == status::CANCELLED;
    let late = UNPAID_ONLY.iter().find(|(column, _)| draft.values.contains_key(*column));
    let late = late.map(|(_, member)| *member).or_else(|| draft.text("status").map(|_| "status"));
    if let Some(member) = late.filter(|_| is_closed) {
        let message = "Something was paid on this invoice, or it is cancelled: only attributes and due day change.";
        return Err(fault(Code::WrongState, member, message));
    }
    if let Some(text) = draft.text("document_number") {
        document_number::refuse_taken(tx, row.tenant_id, text, Some(row.id)).await?;
    }
    if let Some(total) = draft.integer("total_minor") {
        draft.set("subtotal_minor", total - row.tax_total_minor);
    }
    let freed = invoice::ActiveModel { id: Set(row.id), client_id: Set(None), ..Default::default() };
    leave(tx, draft, row.client_id, freed).await
}

/// Takes a row that goes to another client from the one it had, whose balance follows.
async fn leave<Row>(tx: &DatabaseTransaction, draft: &Draft, client: Option<i64>, freed: Row) -> Result<(), Failure>
where
    Row: ActiveModelTrait + ActiveModelBehavior + Send,
    <Row::Entity as EntityTrait>::Model: IntoActiveModel<Row>,
{
    if let Some(client) = client.filter(|_| draft.values.contains_key("client_id")) {
        freed.update(tx).await?;
        rebalance(tx, client).await?;
    }
    Ok(())
}

/// Status and balances follow.
pub(super) fn after_invoice<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let company = Company::find(tx, draft.tenant.unwrap_or_default()).await?;
        if let Some(client) = settle(call, tx, draft.written(), company.day(call.now())).await? {
            rebalance(tx, client).await?;
        }
        Ok(())
    })
}

/// What a new payment has from the start; what is allocated to invoices stays as it is.
pub(super) fn before_payment<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let company = Company::find(tx, draft.tenant.unwrap_or_default()).await?;
        let amount = draft.integer("amount_minor");
        if amount.is_some_and(|minor| minor <= 0) {
            return Err(fault(Code::Invalid, "amount", "A payment is greater than zero."));
        }
        if let Some(number) = draft.number {
            return change_payment(tx, draft, number).await;
        }
        draft.set("uuid", Uuid::new_v4().to_string());
        draft.default("amount_minor", 0_i64);
        draft.default("currency", company.currency.clone());
        draft.default("paid_on", company.day(call.now()));
        draft.default("status", if amount.is_some() { SETTLED } else { PENDING });
        if draft.integer("received_by_id").is_none() {
            draft.set("received_by_id", call.viewer.staff);
        }
        Ok(())
    })
}

async fn change_payment(tx: &DatabaseTransaction, draft: &mut Draft, number: i64) -> Result<(), Failure> {
    let moved = ["amount_minor", "client_id"].into_iter().find(|column| draft.values.contains_key(*column));
    let Some(column) = moved else { return Ok(()) };
    let row = payment::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
    let row = row.ok_or_else(|| Error::internal(format!("there is no payment {number}")))?;
    let parts = payment_allocation::Entity::find().filter(payment_allocation::Column::PaymentId.eq(number));
    if parts.count(tx).await? > 0 {
        let member = if column == "amount_minor" { "amount" } else { "client" };
        return Err(fault(Code::WrongState, member, "The payment pays invoices; take it back and record another."));
    }
    if draft.integer("amount_minor").is_some() && row.status == PENDING {
        draft.set("status", SETTLED);
    }
    let freed = payment::ActiveModel { id: Set(number), client_id: Set(None), ..Default::default() };
    leave(tx, draft, row.client_id, freed).await
}

/// The balance of the client follows.
pub(super) fn after_payment<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let row = payment::Entity::find_by_id(draft.written()).one(tx).await?;
        match row.and_then(|row| row.client_id) {
            Some(client) => Ok(rebalance(tx, client).await?),
            None => Ok(()),
        }
    })
}
