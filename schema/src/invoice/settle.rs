//! Keeps what is derived from payments: an invoice's paid total, balance and status, and a client's balance.
//! These two functions are the only ones that write them. They must not know inputs.

use chrono::NaiveDate;
use groupgraph_entities::{client, invoice, payment, payment_allocation, tenant};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, LockType, Query, SimpleExpr},
};

use super::status::{self, Standing};
use crate::{error::Error, verb::Call};

/// Payments that count.
pub const SETTLED: &str = "SETTLED";

/// Recomputes the paid total, balance and status of an invoice from its allocations, and tells its client.
///
/// # Errors
/// The database is out of reach, or there is no such invoice.
pub async fn settle(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    invoice: i64,
    today: NaiveDate,
) -> Result<Option<i64>, Error> {
    let row = locked(tx, invoice).await?;
    let paid = paid(tx, invoice).await?;
    let standing = Standing { status: &row.status, total: row.total_minor, paid, due_on: row.due_on };
    let status = status::follow(standing, today);
    let owed = if status == status::CANCELLED { 0 } else { row.total_minor - paid };
    let client = row.client_id;
    let changed = invoice::ActiveModel {
        id: Set(invoice),
        paid_total_minor: Set(paid),
        balance_minor: Set(owed),
        status: Set(status.to_owned()),
        ..Default::default()
    };
    changed.update(tx).await?;
    if status == status::PAID && row.status != status::PAID {
        call.happened("INVOICE_PAID", invoice);
    }
    Ok(client)
}

/// Recomputes a client's balance: opening balance, plus invoices that are neither drafts nor cancelled, minus
/// settled payments. Amounts in other currencies than the balance's own are left out.
///
/// # Errors
/// The database is out of reach, or there is no such client.
pub async fn rebalance(tx: &DatabaseTransaction, client: i64) -> Result<(), Error> {
    let row = client::Entity::find_by_id(client).lock(LockType::NoKeyUpdate).one(tx).await?;
    let row = row.ok_or_else(|| Error::internal(format!("there is no client {client}")))?;
    let currency = match row.opening_balance_currency.or(row.balance_currency) {
        Some(currency) => currency,
        None => base_currency(tx, row.tenant_id).await?,
    };
    let billed = billed(tx, client, &currency).await?;
    let received = received(tx, client, &currency).await?;
    let changed = client::ActiveModel {
        id: Set(client),
        balance_minor: Set(Some(row.opening_balance_minor.unwrap_or(0) + billed - received)),
        balance_currency: Set(Some(currency)),
        ..Default::default()
    };
    changed.update(tx).await?;
    Ok(())
}

/// Reads an invoice and keeps others from changing it until the transaction ends.
///
/// # Errors
/// The database is out of reach, or there is no such invoice.
pub async fn locked(tx: &DatabaseTransaction, invoice: i64) -> Result<invoice::Model, Error> {
    let row = invoice::Entity::find_by_id(invoice).lock(LockType::NoKeyUpdate).one(tx).await?;
    row.ok_or_else(|| Error::internal(format!("there is no invoice {invoice}")))
}

async fn base_currency(tx: &DatabaseTransaction, tenant: i64) -> Result<String, Error> {
    let row = tenant::Entity::find_by_id(tenant).one(tx).await?;
    row.map(|row| row.base_currency).ok_or_else(|| Error::internal(format!("there is no company {tenant}")))
}

async fn paid(tx: &DatabaseTransaction, invoice: i64) -> Result<i64, Error> {
    let counted = Query::select()
        .column(payment::Column::Id)
        .from(payment::Entity)
        .cond_where(payment::Column::Status.eq(SETTLED).and(payment::Column::DeletedAt.is_null()))
        .take();
    let sum = payment_allocation::Entity::find()
        .select_only()
        .column_as(sum_of(payment_allocation::Column::AmountMinor), "sum")
        .filter(payment_allocation::Column::InvoiceId.eq(invoice))
        .filter(payment_allocation::Column::PaymentId.in_subquery(counted))
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(sum.flatten().unwrap_or(0))
}

async fn billed(tx: &DatabaseTransaction, client: i64, currency: &str) -> Result<i64, Error> {
    let sum = invoice::Entity::find()
        .select_only()
        .column_as(sum_of(invoice::Column::TotalMinor), "sum")
        .filter(invoice::Column::ClientId.eq(client))
        .filter(invoice::Column::Currency.eq(currency))
        .filter(invoice::Column::Status.is_not_in([status::DRAFT, status::CANCELLED]))
        .filter(invoice::Column::DeletedAt.is_null())
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(sum.flatten().unwrap_or(0))
}

async fn received(tx: &DatabaseTransaction, client: i64, currency: &str) -> Result<i64, Error> {
    let sum = payment::Entity::find()
        .select_only()
        .column_as(sum_of(payment::Column::AmountMinor), "sum")
        .filter(payment::Column::ClientId.eq(client))
        .filter(payment::Column::Currency.eq(currency))
        .filter(payment::Column::Status.eq(SETTLED))
        .filter(payment::Column::DeletedAt.is_null())
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(sum.flatten().unwrap_or(0))
}

/// `PostgreSQL` adds 64-bit numbers to NUMERIC, which is no number of 64 bits.
fn sum_of<C: ColumnTrait>(column: C) -> SimpleExpr {
    Expr::col(column.as_column_ref()).sum().cast_as("BIGINT")
}
