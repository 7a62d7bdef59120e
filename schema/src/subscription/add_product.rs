//! `addSubscriptionProduct`: one product more on a subscription that runs.

use futures_util::future::BoxFuture;
use groupgraph_entities::{bank_account, client, client_subscription};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    RUNNING,
    add_subscription::item,
    billing_day,
    faults::Faults,
    open,
    workflow::{self, Submission},
};
use crate::{
    company::Company,
    error::{Code, Error},
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Adds a product to a subscription.
pub(super) fn add_product<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut faults = Faults::default();
        let client = faults.row(call, &tx, ("client", "Client"), true).await?;
        let item = item(call, &tx, &mut faults).await?;
        let named = faults.row(call, &tx, ("subscription", "ClientSubscription"), false).await?;
        let subscription = match client {
            Some(client) => faults.take(running(&tx, client, named).await)?,
            None => None,
        };
        faults.end()?;
        let (Some(client), Some(item), Some(subscription)) = (client, item, subscription) else {
            return Err(Error::internal("a product without faults is not whole").into());
        };
        let client = client::Entity::find_by_id(client).one(&tx).await?;
        let client = client.ok_or_else(|| Error::internal("the named client is gone"))?;
        let company = Company::find(&tx, client.tenant_id).await?;
        let day = u32::try_from(subscription.billing_day).map_err(Error::internal)?;
        let today = company.day(call.now());
        let amount = item.price.clone();
        let number = open::add(&tx, subscription.id, item).await?;
        call.changed(ChangeKind::Updated, "ClientSubscription", subscription.id);
        let submission = Submission {
            kind: "ADD_PRODUCT",
            subscription: subscription.id,
            item: number,
            billing_day: day,
            due_on: billing_day::on_or_after(today.max(subscription.start_on), day),
            amount,
        };
        let number = workflow::submit(call, &tx, &client, submission).await?;
        call.commit(tx).await?;
        Ok(Payload::new().row("workflowItem", number))
    })
}

/// The subscription that is named, or the latest one that runs and whose account may be debited.
async fn running(
    tx: &DatabaseTransaction,
    client: i64,
    named: Option<i64>,
) -> Result<client_subscription::Model, Failure> {
    let of_client = client_subscription::Entity::find()
        .filter(client_subscription::Column::ClientId.eq(client))
        .filter(client_subscription::Column::Status.is_in(RUNNING));
    let (found, message) = if let Some(number) = named {
        let found = of_client.filter(client_subscription::Column::Id.eq(number)).one(tx).await?;
        (found, "The subscription does not run, or is another client's.")
    } else {
        let debited = bank_account::Entity::find()
            .select_only()
            .column(bank_account::Column::Id)
            .filter(bank_account::Column::ClientId.eq(client))
            .filter(bank_account::Column::IsActive.eq(true));
        let found = of_client
            .filter(client_subscription::Column::BankAccountId.in_subquery(sea_orm::QueryTrait::into_query(debited)))
            .order_by_desc(client_subscription::Column::CreatedAt)
            .order_by_desc(client_subscription::Column::Id);
        (found.one(tx).await?, "The client has no active subscription with an active bank account.")
    };
    found.ok_or_else(|| fault(Code::WrongState, "subscription", message))
}
