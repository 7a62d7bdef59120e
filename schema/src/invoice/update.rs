//! `updateInvoice`: changes an invoice that nothing was paid on; others take only attributes and due day.

use futures_util::future::BoxFuture;
use groupgraph_entities::invoice;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, Set};

use super::{
    create, document_number, lines,
    settle::{locked, rebalance, settle},
    status,
};
use crate::{
    company::Company,
    error::Code,
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Members that an invoice takes only while nothing is paid on it.
const UNPAID_ONLY: [&str; 5] = ["documentNumber", "client", "owner", "lines", "issuedOn"];

/// Changes an invoice.
pub fn update_invoice<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let number = call.required(&tx, "invoice", "Invoice").await?;
        let row = locked(&tx, number).await?;
        refuse_late(call, &row)?;
        let company = Company::find(&tx, row.tenant_id).await?;
        change(call, &tx, &company, &row).await?;
        let client = settle(call, &tx, number, company.day(call.now())).await?;
        for client in moved(row.client_id, client) {
            rebalance(&tx, client).await?;
        }
        call.changed(ChangeKind::Updated, "Invoice", number);
        call.commit(tx).await?;
        Ok(Payload::new().row("invoice", number))
    })
}

/// The clients whose balances follow, in one order for all transactions.
fn moved(before: Option<i64>, after: Option<i64>) -> Vec<i64> {
    let mut clients: Vec<i64> = [before, after].into_iter().flatten().collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

fn refuse_late(call: &Call<'_>, row: &invoice::Model) -> Result<(), Failure> {
    if row.paid_total_minor == 0 && row.status != status::CANCELLED {
        return Ok(());
    }
    match UNPAID_ONLY.into_iter().find(|member| call.member(member).is_some()) {
        Some(member) => {
            let message = "Something was paid on this invoice, or it is cancelled: only attributes and due day change.";
            Err(fault(Code::WrongState, member, message))
        }
        None => Ok(()),
    }
}

async fn change(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    row: &invoice::Model,
) -> Result<(), Failure> {
    let input = call.input;
    let mut changed = invoice::ActiveModel {
        id: Set(row.id),
        owner_id: members::column(input, "owner", call.reference(tx, "owner", "Staff").await?),
        due_on: members::day_column(input, "dueOn")?,
        attributes: members::column(input, "attributes", members::json(input, "attributes")),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    if let Some(text) = members::words(input, "documentNumber") {
        document_number::refuse_taken(tx, row.tenant_id, text, Some(row.id)).await?;
        changed.document_number = Set(text.to_owned());
    }
    if let Some(day) = members::day(input, "issuedOn", "issuedOn")? {
        changed.issued_on = Set(day);
    }
    if call.member("client").is_some() {
        let client = create::client(call, tx, row.tenant_id).await?;
        changed.client_id = Set(Some(client.id));
        changed.client_name = Set(Some(client.name));
    }
    if call.member("lines").is_some() {
        let lines = lines::read(call, tx, &company.currency).await?;
        lines::replace(tx, row.id, &lines).await?;
        changed.subtotal_minor = Set(lines.sums.subtotal);
        changed.tax_total_minor = Set(lines.sums.tax);
        changed.total_minor = Set(lines.sums.total);
        changed.currency = Set(lines.currency);
    }
    changed.update(tx).await?;
    Ok(())
}
