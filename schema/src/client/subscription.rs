//! The first subscription that is written with its client. What is wrong with it was said before.

use async_graphql::Value;
use groupgraph_entities::{client, client_subscription};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set, sea_query::Expr};

use super::client_rules::activate;
use crate::{
    amount, choice,
    company::Company,
    error::{Code, Error},
    members,
    subscription::{
        RUNNING, billing_day,
        open::{self, Item, Opening},
    },
    verb::{Call, Failure, fault},
};

/// Subscribes a client to a product. An inactive client's old subscriptions stop, and it becomes active.
///
/// # Errors
/// Faults of `subscription` and its members.
pub(super) async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    client: &client::Model,
    input: &Value,
) -> Result<(), Failure> {
    let required = |member: &str| {
        let field = format!("subscription.{member}");
        members::present(input, member).ok_or_else(|| fault(Code::IncompleteGroup, &field, "This is missing."))
    };
    let product = call.resolve(tx, required("product")?, "subscription.product", "Product").await?;
    let unit = choice::choose(call, tx, required("unit")?, "subscription.unit", "Product Units").await?;
    let price = amount::read(required("price")?, "subscription.price", &company.currency)?;
    if price.minor < 0 {
        return Err(fault(Code::OutOfRange, "subscription.price", "A price is zero or more."));
    }
    let (own, default) = (members::integer(input, "billingDay"), client.default_billing_day.map(i64::from));
    let billing_day = billing_day::effective(own, default)
        .ok_or_else(|| fault(Code::Required, "subscription.billingDay", "Give the billing day."))?;
    keep_default(tx, client, own).await?;
    if !client.is_active {
        stop(tx, client.id).await?;
        activate(tx, client.id).await?;
    }
    let opening = Opening {
        client: client.id,
        payment_method: None,
        bank_account: client.debit_account_id,
        billing_day,
        start_on: members::day(input, "startOn", "subscription.startOn")?,
        end_on: None,
        item: Item {
            product,
            unit: Some(unit),
            price,
            receiver_identity_number: None,
            agent: client.agent_id,
            branch: client.branch_id,
            project: client.project_id,
            reference_number: members::words(input, "referenceNumber").map(str::to_owned),
        },
    };
    open::open(call, tx, company, opening).await?;
    Ok(())
}

/// The day of the first product serves a client without a day of its own.
async fn keep_default(tx: &DatabaseTransaction, client: &client::Model, day: Option<i64>) -> Result<(), Error> {
    let (None, Some(day)) = (client.default_billing_day, day) else { return Ok(()) };
    let day = i32::try_from(day).map_err(Error::internal)?;
    client::ActiveModel { id: Set(client.id), default_billing_day: Set(Some(day)), ..Default::default() }
        .update(tx)
        .await?;
    Ok(())
}

async fn stop(tx: &DatabaseTransaction, client: i64) -> Result<(), Error> {
    client_subscription::Entity::update_many()
        .col_expr(client_subscription::Column::Status, Expr::value("DISABLED"))
        .filter(client_subscription::Column::ClientId.eq(client))
        .filter(client_subscription::Column::Status.is_in(RUNNING))
        .exec(tx)
        .await?;
    Ok(())
}
