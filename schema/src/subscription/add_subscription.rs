//! `addSubscription`: a client subscribes to a product.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{bank_account as bank_accounts, client, lookup_value};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, Set};

use super::{
    bank_account, billing_day,
    faults::Faults,
    open::{self, Item, Opening},
    workflow::{self, Submission},
};
use crate::{
    amount, check, choice,
    company::Company,
    error::{Code, Error, UserError},
    members,
    verb::{Call, Failure, Outcome, Payload},
};

/// The payment method that takes money from an account.
const DEBIT_ORDER: &str = "debit order";

/// Subscribes a client to a product.
pub(super) fn add_subscription<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let asked = read(call, &tx).await?;
        let client = client::Entity::find_by_id(asked.client).one(&tx).await?;
        let client = client.ok_or_else(|| Error::internal("the named client is gone"))?;
        let company = Company::find(&tx, client.tenant_id).await?;
        let bank_account = account(call, &tx, &client).await?;
        let opening = Opening { bank_account, ..asked };
        let (day, amount) = (opening.billing_day, opening.item.price.clone());
        let opened = open::open(call, &tx, &company, opening).await?;
        let submission = Submission {
            kind: "ADD_SUBSCRIPTION",
            subscription: opened.subscription,
            item: opened.item,
            billing_day: day,
            due_on: billing_day::on_or_after(opened.start_on, day),
            amount,
        };
        let number = workflow::submit(call, &tx, &client, submission).await?;
        call.commit(tx).await?;
        Ok(Payload::new().row("workflowItem", number))
    })
}

/// What is asked for; all faults come together.
async fn read(call: &Call<'_>, tx: &DatabaseTransaction) -> Result<Opening, Failure> {
    let mut faults = Faults::default();
    let client = faults.row(call, tx, ("client", "Client"), true).await?;
    let item = item(call, tx, &mut faults).await?;
    let payment_method = faults.choice(call, tx, ("paymentMethod", "Payment Methods"), true).await?;
    faults.extend(of_account(call, tx, payment_method).await?);
    let day = members::integer(call.input, "billingDay");
    match day {
        None => faults.add(Code::Required, "billingDay", "Give the billing day."),
        Some(day) if !(1..=31).contains(&day) => {
            faults.add(Code::OutOfRange, "billingDay", "A billing day is 1 to 31.");
        }
        Some(_) => {}
    }
    let start_on = faults.take(members::day(call.input, "startOn", "startOn"))?.flatten();
    let end_on = faults.take(members::day(call.input, "endOn", "endOn"))?.flatten();
    faults.take(check::in_order(start_on, end_on, "endOn"))?;
    faults.end()?;
    let (Some(client), Some(item), Some(billing_day)) =
        (client, item, day.and_then(|day| billing_day::effective(Some(day), None)))
    else {
        return Err(Error::internal("a subscription without faults is not whole").into());
    };
    Ok(Opening { client, payment_method, bank_account: None, billing_day, start_on, end_on, item })
}

/// The product that is asked for, with its price and who sold it; none if it has faults.
///
/// # Errors
/// A fault of the hub itself.
pub(super) async fn item(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    faults: &mut Faults,
) -> Result<Option<Item>, Error> {
    let product = faults.row(call, tx, ("product", "Product"), true).await?;
    let agent = faults.row(call, tx, ("agent", "Staff"), false).await?;
    let branch = faults.choice(call, tx, ("branch", "Branches"), false).await?;
    let project = faults.choice(call, tx, ("project", "Projects"), false).await?;
    let currency = call.hub.directory.base_currency(call.viewer.tenant);
    let price = members::present(call.input, "price").unwrap_or(&Value::Null);
    let price = faults.take(amount::read(price, "price", &currency))?;
    if price.as_ref().is_some_and(|price| price.minor < 0) {
        faults.add(Code::OutOfRange, "price", "A price is zero or more.");
    }
    let text = |name: &str| members::words(call.input, name).map(str::to_owned);
    let (Some(product), Some(price)) = (product, price) else { return Ok(None) };
    Ok(Some(Item {
        product,
        unit: None,
        price,
        receiver_identity_number: text("receiverIdentityNumber"),
        agent: agent.or(call.viewer.staff),
        branch,
        project,
        reference_number: text("referenceNumber"),
    }))
}

/// A debit order needs the whole account, other ways to pay none; a part of one is never enough.
async fn of_account(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    payment_method: Option<i64>,
) -> Result<Vec<UserError>, Error> {
    let input = members::present(call.input, "bankAccount").unwrap_or(&Value::Null);
    let method = match payment_method {
        Some(number) => lookup_value::Entity::find_by_id(number).one(tx).await?,
        None => None,
    };
    let is_needed = method.is_some_and(|method| method.name.trim().to_lowercase() == DEBIT_ORDER);
    if is_needed && !bank_account::is_given(input) {
        let missing = |member: &str| {
            let message = "A debit order needs the account that is debited.";
            UserError::new(Code::Required, &format!("bankAccount.{member}"), message)
        };
        return Ok(bank_account::MEMBERS.map(missing).into());
    }
    bank_account::all_faults(call, tx, input, "bankAccount").await
}

/// The account that is given, written for the client; else the one that the client has.
async fn account(call: &Call<'_>, tx: &DatabaseTransaction, client: &client::Model) -> Result<Option<i64>, Failure> {
    let input = members::present(call.input, "bankAccount").unwrap_or(&Value::Null);
    if !bank_account::is_given(input) {
        return Ok(client.debit_account_id);
    }
    let verified = bank_account::verify(call, tx, input, "bankAccount").await?;
    let text = |name: &str| members::words(input, name).unwrap_or_default().to_owned();
    let number = |name: &str| members::present(input, name).unwrap_or(&Value::Null);
    let row = bank_accounts::ActiveModel {
        tenant_id: Set(client.tenant_id),
        client_id: Set(client.id),
        bank_id: Set(Some(choice::choose(call, tx, number("bank"), "bankAccount.bank", "Banks").await?)),
        branch_code: Set(text("branchCode")),
        holder_name: Set(text("holderName")),
        account_number: Set(text("accountNumber")),
        kind_id: Set(Some(choice::choose(call, tx, number("kind"), "bankAccount.kind", "Bank Account Types").await?)),
        verification: Set(verified.verification().to_owned()),
        verified_with: Set(verified.verified_with()),
        is_active: Set(true),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    Ok(Some(row.insert(tx).await?.id))
}
