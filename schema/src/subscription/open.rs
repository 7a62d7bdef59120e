//! A new subscription and its first product. What may be subscribed to is said by whoever opens it.

use chrono::NaiveDate;
use groupgraph_entities::{client_subscription, subscription_item};
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, DatabaseTransaction, Set};
use uuid::Uuid;

use super::billing_day;
use crate::{amount::Amount, company::Company, error::Error, events::ChangeKind, verb::Call};

/// What is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    pub client: i64,
    pub payment_method: Option<i64>,
    pub bank_account: Option<i64>,
    /// 1 to 31.
    pub billing_day: u32,
    /// None: the next billing day.
    pub start_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    pub item: Item,
}

/// A product of a subscription.
#[derive(Clone, Debug)]
pub struct Item {
    pub product: i64,
    pub unit: Option<i64>,
    pub price: Amount,
    pub receiver_identity_number: Option<String>,
    pub agent: Option<i64>,
    pub branch: Option<i64>,
    pub project: Option<i64>,
    pub reference_number: Option<String>,
}

/// What was opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub subscription: i64,
    pub item: i64,
    pub start_on: NaiveDate,
}

/// Writes a subscription with its product.
///
/// # Errors
/// The database refused it.
pub async fn open(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    opening: Opening,
) -> Result<Opened, Error> {
    let (now, today) = (call.now(), company.day(call.now()));
    let start_on = opening.start_on.unwrap_or_else(|| billing_day::on_or_after(today, opening.billing_day));
    let row = client_subscription::ActiveModel {
        tenant_id: Set(company.number),
        uuid: Set(Uuid::new_v4().to_string()),
        client_id: Set(opening.client),
        status: Set(if start_on > today { "PENDING" } else { "ACTIVE" }.to_owned()),
        payment_method_id: Set(opening.payment_method),
        bank_account_id: Set(opening.bank_account),
        billing_day: Set(i32::try_from(opening.billing_day).map_err(Error::internal)?),
        start_on: Set(start_on),
        end_on: Set(opening.end_on),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let subscription = row.insert(tx).await?.id;
    let item = add(tx, subscription, opening.item).await?;
    call.changed(ChangeKind::Created, "ClientSubscription", subscription);
    Ok(Opened { subscription, item, start_on })
}

/// Adds a product to a subscription; answers its number.
///
/// # Errors
/// The database refused it.
pub async fn add(tx: &DatabaseTransaction, subscription: i64, item: Item) -> Result<i64, Error> {
    let row = subscription_item::ActiveModel {
        id: NotSet,
        subscription_id: Set(subscription),
        product_id: Set(item.product),
        unit_id: Set(item.unit),
        price_minor: Set(item.price.minor),
        currency: Set(item.price.currency),
        receiver_identity_number: Set(item.receiver_identity_number),
        agent_id: Set(item.agent),
        branch_id: Set(item.branch),
        project_id: Set(item.project),
        reference_number: Set(item.reference_number),
    };
    Ok(row.insert(tx).await?.id)
}
