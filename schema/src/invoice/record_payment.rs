//! `recordPayment`: money came for one invoice, for several, or on account of a client.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use groupgraph_entities::{client, payment, payment_allocation};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, Set};
use uuid::Uuid;

use super::{
    allocation::{self, Claim, Debt},
    settle::{SETTLED, locked, rebalance, settle},
    status,
};
use crate::{
    amount::{self, Amount},
    company::{self, Company},
    error::{Code, Error},
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Records a payment; the status of its invoices and the balance of its client follow.
pub fn record_payment<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let wanted = Wanted::read(call, &tx).await?;
        let payer = payer(call, &tx, &wanted).await?;
        let company = Company::find(&tx, payer.tenant).await?;
        let (amount, claims) = parts(call, &wanted, &company.currency)?;
        check_debts(&tx, &claims).await?;
        let row = row(call, &tx, &company, &payer, (&amount, &claims)).await?.insert(&tx).await?;
        pay(&tx, row.id, &claims).await?;
        let today = company.day(call.now());
        for claim in &claims {
            settle(call, &tx, claim.invoice, today).await?;
            call.changed(ChangeKind::Updated, "Invoice", claim.invoice);
        }
        if let Some(client) = payer.client {
            rebalance(&tx, client).await?;
        }
        call.changed(ChangeKind::Created, "Payment", row.id);
        call.commit(tx).await?;
        let payload = Payload::new().row("payment", row.id);
        Ok(match claims.first() {
            Some(claim) => payload.row("invoice", claim.invoice),
            None => payload,
        })
    })
}

/// What the money is for, as the input says.
enum Wanted {
    Invoice(i64),
    /// Invoices in the order of the allocations.
    Allocations(Vec<i64>),
    /// No invoice: the client pays in advance.
    OnAccount,
}

impl Wanted {
    async fn read(call: &Call<'_>, tx: &DatabaseTransaction) -> Result<Self, Failure> {
        let invoice = call.reference(tx, "invoice", "Invoice").await?;
        let allocations = members::list(call.input, "allocations").filter(|list| !list.is_empty());
        match (invoice, allocations) {
            (Some(_), Some(_)) => {
                Err(fault(Code::Invalid, "allocations", "Name one invoice, or allocations, not both."))
            }
            (Some(invoice), None) => Ok(Self::Invoice(invoice)),
            (None, Some(list)) => {
                let mut invoices = Vec::with_capacity(list.len());
                for (index, part) in list.iter().enumerate() {
                    let field = format!("allocations.{index}.invoice");
                    let value = members::present(part, "invoice");
                    let value = value.ok_or_else(|| fault(Code::Required, &field, "Say which invoice."))?;
                    invoices.push(call.resolve(tx, value, &field, "Invoice").await?);
                }
                Ok(Self::Allocations(invoices))
            }
            (None, None) if members::present(call.input, "client").is_some() => Ok(Self::OnAccount),
            (None, None) => Err(fault(Code::Required, "invoice", "Say which invoice is paid, or which client pays.")),
        }
    }

    fn invoices(&self) -> &[i64] {
        match self {
            Self::Invoice(invoice) => std::slice::from_ref(invoice),
            Self::Allocations(invoices) => invoices,
            Self::OnAccount => &[],
        }
    }
}

/// Who pays, and whom.
struct Payer {
    tenant: i64,
    client: Option<i64>,
}

/// Locks the invoices, lowest number first so that two payments never wait for each other.
async fn payer(call: &Call<'_>, tx: &DatabaseTransaction, wanted: &Wanted) -> Result<Payer, Failure> {
    let mut payers = BTreeSet::new();
    for invoice in wanted.invoices().iter().copied().collect::<BTreeSet<_>>() {
        let row = locked(tx, invoice).await?;
        payers.insert((row.tenant_id, row.client_id));
    }
    if payers.len() > 1 {
        return Err(fault(Code::Invalid, "allocations", "One payment pays invoices of one client."));
    }
    let said = call.reference(tx, "client", "Client").await?;
    match payers.pop_first() {
        Some((tenant, client)) if said.is_none() || said == client => Ok(Payer { tenant, client }),
        Some(_) => Err(fault(Code::Invalid, "client", "The invoice bills another client.")),
        None => {
            let client = call.required(tx, "client", "Client").await?;
            let row = client::Entity::find_by_id(client).one(tx).await?;
            let tenant = row.map(|row| row.tenant_id).map_or_else(|| company::own(call.hub, call.viewer), Ok)?;
            Ok(Payer { tenant, client: Some(client) })
        }
    }
}

fn parts(call: &Call<'_>, wanted: &Wanted, currency: &str) -> Result<(Amount, Vec<Claim>), Failure> {
    let value = members::present(call.input, "amount");
    let value = value.ok_or_else(|| fault(Code::Required, "amount", "Say how much."))?;
    let amount = amount::read(value, "amount", currency)?;
    if amount.minor <= 0 {
        return Err(fault(Code::Invalid, "amount", "A payment is greater than zero."));
    }
    let claims = match wanted {
        Wanted::OnAccount => Vec::new(),
        Wanted::Invoice(invoice) => {
            let Amount { minor: part, currency } = amount.clone();
            vec![Claim { path: "amount".into(), invoice: *invoice, part, currency }]
        }
        Wanted::Allocations(invoices) => allocated(call, invoices, &amount.currency)?,
    };
    allocation::check_parts(&claims, amount.minor, &amount.currency)?;
    Ok((amount, claims))
}

fn allocated(call: &Call<'_>, invoices: &[i64], currency: &str) -> Result<Vec<Claim>, Failure> {
    let list = members::list(call.input, "allocations").unwrap_or_default();
    let claims = list.iter().zip(invoices).enumerate().map(|(index, (input, invoice))| {
        let path = format!("allocations.{index}.amount");
        let value = members::present(input, "amount");
        let value = value.ok_or_else(|| fault(Code::Required, &path, "Say how much."))?;
        let Amount { minor: part, currency } = amount::read(value, &path, currency)?;
        Ok(Claim { path, invoice: *invoice, part, currency })
    });
    claims.collect()
}

async fn check_debts(tx: &DatabaseTransaction, claims: &[Claim]) -> Result<(), Failure> {
    for claim in claims {
        let row = locked(tx, claim.invoice).await?;
        let is_owed = status::is_owed(&row.status);
        let debt = Debt { balance: row.balance_minor, currency: row.currency, is_owed };
        allocation::check_part(claim, &debt)?;
    }
    Ok(())
}

async fn row(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    payer: &Payer,
    (amount, claims): (&Amount, &[Claim]),
) -> Result<payment::ActiveModel, Failure> {
    let (input, now) = (call.input, call.now());
    let received_by = call.reference(tx, "receivedBy", "Staff").await?;
    let paid_on = members::day(input, "paidOn", "paidOn")?.unwrap_or_else(|| company.day(now));
    Ok(payment::ActiveModel {
        tenant_id: Set(company.number),
        uuid: Set(Uuid::new_v4().to_string()),
        amount_minor: Set(amount.minor),
        currency: Set(amount.currency.clone()),
        status: Set(SETTLED.to_owned()),
        invoice_id: Set(claims.first().map(|claim| claim.invoice)),
        client_id: Set(payer.client),
        method: members::text_column(input, "method"),
        reference: members::text_column(input, "reference"),
        description: members::text_column(input, "description"),
        received_by_id: Set(received_by.or(call.viewer.staff)),
        paid_on: Set(paid_on),
        attributes: Set(members::json(input, "attributes")),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
}

async fn pay(tx: &DatabaseTransaction, payment: i64, claims: &[Claim]) -> Result<(), Error> {
    for claim in claims {
        let part = payment_allocation::ActiveModel {
            payment_id: Set(payment),
            invoice_id: Set(claim.invoice),
            amount_minor: Set(claim.part),
            currency: Set(claim.currency.clone()),
            ..Default::default()
        };
        part.insert(tx).await?;
    }
    Ok(())
}
