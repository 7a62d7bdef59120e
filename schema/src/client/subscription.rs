//! The first subscription that is written with its client. What is wrong with it was said before.

use async_graphql::Value;
use groupgraph_entities::{client, client_subscription, subscription_item};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{client_rules::activate, faults::RUNNING};
use crate::{
    amount,
    company::Company,
    error::{Code, Error},
    events::ChangeKind,
    members,
    subscription::billing_day,
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
    let unit = call.resolve(tx, required("unit")?, "subscription.unit", "LookupValue").await?;
    let price = amount::read(required("price")?, "subscription.price", &company.currency)?;
    if price.minor < 0 {
        return Err(fault(Code::Invalid, "subscription.price", "A price is zero or more."));
    }
    let (own, default) = (members::integer(input, "billingDay"), client.default_billing_day.map(i64::from));
    let day = billing_day::effective(own, default)
        .ok_or_else(|| fault(Code::Required, "subscription.billingDay", "Give the billing day."))?;
    if !client.is_active {
        stop(tx, client.id).await?;
        activate(tx, client.id).await?;
    }
    let subscription = subscription(call, company, client, input, day)?.insert(tx).await?.id;
    let item = subscription_item::ActiveModel {
        id: NotSet,
        subscription_id: Set(subscription),
        product_id: Set(product),
        unit_id: Set(Some(unit)),
        price_minor: Set(price.minor),
        currency: Set(price.currency),
        receiver_identity_number: NotSet,
        agent_id: Set(client.agent_id),
        branch_id: Set(client.branch_id),
        project_id: Set(client.project_id),
        reference_number: members::text_column(input, "referenceNumber"),
    };
    item.insert(tx).await?;
    call.changed(ChangeKind::Created, "ClientSubscription", subscription);
    Ok(())
}

fn subscription(
    call: &Call<'_>,
    company: &Company,
    client: &client::Model,
    input: &Value,
    billing_day: u32,
) -> Result<client_subscription::ActiveModel, Failure> {
    let (now, today) = (call.now(), company.day(call.now()));
    let start_on = members::day(input, "startOn", "subscription.startOn")?
        .unwrap_or_else(|| billing_day::on_or_after(today, billing_day));
    Ok(client_subscription::ActiveModel {
        tenant_id: Set(client.tenant_id),
        uuid: Set(Uuid::new_v4().to_string()),
        client_id: Set(client.id),
        status: Set(if start_on > today { "PENDING" } else { "ACTIVE" }.to_owned()),
        bank_account_id: Set(client.debit_account_id),
        billing_day: Set(i32::try_from(billing_day).map_err(Error::internal)?),
        start_on: Set(start_on),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
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
