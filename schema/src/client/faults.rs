//! What is wrong with the members of a client that are no columns. All faults are found, not only the first, so
//! that a batch can list them.

use async_graphql::Value;
use groupgraph_entities::{client, client_subscription};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter};

use super::listed;
use crate::{
    amount, choice, company,
    error::{Code, Error, UserError},
    members,
    subscription::{RUNNING, bank_account, billing_day, debit_batch},
    verb::{Call, Failure},
};

/// The amount is only looked at.
const ANY_CURRENCY: &str = "USD";
/// Members that a first subscription cannot do without.
const PRODUCT_GROUP: [&str; 3] = ["product", "price", "unit"];

/// All faults of the members `bankAccount`, `subscription` and `defaultBillingDay`; `stored` is the client that
/// they would change.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn of_members(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    members: &Value,
    stored: Option<&client::Model>,
) -> Result<Vec<UserError>, Error> {
    let mut faults = Vec::new();
    if members::integer(members, "defaultBillingDay").is_some_and(|day| !billing_day::is_valid(day)) {
        faults.push(UserError::new(Code::OutOfRange, "defaultBillingDay", "A billing day is 0 to 31."));
    }
    let account = members::present(members, "bankAccount");
    if let Some(account) = account {
        faults.extend(bank_account::all_faults(call, tx, account, "bankAccount").await?);
    }
    if let Some(subscription) = members::present(members, "subscription").filter(|value| is_given(value)) {
        let has_account = account.is_some_and(bank_account::is_given)
            || stored.is_some_and(|client| client.debit_account_id.is_some());
        let default = members::integer(members, "defaultBillingDay");
        let default = default.or_else(|| stored.and_then(|client| client.default_billing_day.map(i64::from)));
        faults.extend(of_subscription(subscription, has_account, default));
        faults.extend(of_start(call, tx, subscription, stored).await?);
        if let Some(client) = stored.filter(|client| client.is_active)
            && runs(tx, client.id).await?
        {
            let message = "The client has a subscription that runs; add the product to that one.";
            faults.push(UserError::new(Code::WrongState, "subscription", message));
        }
    }
    Ok(faults)
}

/// What is wrong with a row of a batch beyond that: a start day comes with the whole account in the same row, and
/// custom fields are known.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn of_row(tx: &DatabaseTransaction, row: &Value, tenant: i64) -> Result<Vec<UserError>, Error> {
    let mut faults = listed::custom_fields(tx, row, tenant).await?;
    let starts =
        members::present(row, "subscription").is_some_and(|input| members::present(input, "startOn").is_some());
    if starts && !members::present(row, "bankAccount").is_some_and(bank_account::is_given) {
        let message = "A start day comes with the bank account.";
        let missing = bank_account::MEMBERS.map(|member| format!("bankAccount.{member}"));
        faults.extend(missing.iter().map(|path| UserError::new(Code::IncompleteGroup, path, message)));
    }
    Ok(faults)
}

/// Whether an input says anything of a subscription.
pub(super) fn is_given(subscription: &Value) -> bool {
    match subscription {
        Value::Object(members) => members.values().any(|value| *value != Value::Null),
        _ => false,
    }
}

fn of_subscription(input: &Value, has_account: bool, default_day: Option<i64>) -> Vec<UserError> {
    let missing = PRODUCT_GROUP.into_iter().filter(|member| members::present(input, member).is_none()).map(|member| {
        let message = "Product, price and unit of a subscription come together.";
        UserError::new(Code::IncompleteGroup, &format!("subscription.{member}"), message)
    });
    let mut faults: Vec<_> = missing.collect();
    if members::present(input, "startOn").is_some() && !has_account {
        let message = "A start day needs a bank account.";
        faults.push(UserError::new(Code::IncompleteGroup, "subscription.startOn", message));
    }
    let own = members::integer(input, "billingDay");
    if own.is_some_and(|day| !billing_day::is_valid(day)) {
        faults.push(UserError::new(Code::OutOfRange, "subscription.billingDay", "A billing day is 0 to 31."));
    } else if billing_day::effective(own, default_day).is_none() {
        let message = "Give the billing day here, or a default one of the client.";
        faults.push(UserError::new(Code::Required, "subscription.billingDay", message));
    }
    faults
}

/// Product and unit must be known, and nothing starts on a day whose debit orders were handed in.
async fn of_start(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    input: &Value,
    stored: Option<&client::Model>,
) -> Result<Vec<UserError>, Error> {
    let mut faults = Vec::new();
    if let Some(product) = members::present(input, "product")
        && let Err(failure) = call.resolve(tx, product, "subscription.product", "Product").await
    {
        faults.extend(told(failure)?);
    }
    if let Some(price) = members::present(input, "price") {
        match amount::read(price, "subscription.price", ANY_CURRENCY) {
            Ok(price) if price.minor < 0 => {
                faults.push(UserError::new(Code::OutOfRange, "subscription.price", "A price is zero or more."));
            }
            Ok(_) => {}
            Err(failure) => faults.extend(told(failure)?),
        }
    }
    let unit = match members::present(input, "unit") {
        Some(unit) => match choice::choose(call, tx, unit, "subscription.unit", "Product Units").await {
            Ok(unit) => Some(unit),
            Err(failure) => {
                faults.extend(told(failure)?);
                None
            }
        },
        None => None,
    };
    let start_on = match members::day(input, "startOn", "subscription.startOn") {
        Ok(day) => day,
        Err(failure) => {
            faults.extend(told(failure)?);
            None
        }
    };
    if let (Some(unit), Some(start_on)) = (unit, start_on)
        && let Some(tenant) = stored.map(|client| client.tenant_id).or_else(|| company::own(call.hub, call.viewer).ok())
    {
        let today = call.hub.directory.today(call.now(), Some(tenant));
        let path = "subscription.startOn";
        faults.extend(debit_batch::fault_of_start(tx, (tenant, unit), (start_on, today), path).await?);
    }
    Ok(faults)
}

fn told(failure: Failure) -> Result<Vec<UserError>, Error> {
    match failure {
        Failure::User(errors) => Ok(errors),
        Failure::Error(error) => Err(error),
    }
}

async fn runs(tx: &DatabaseTransaction, client: i64) -> Result<bool, Error> {
    let running = client_subscription::Entity::find()
        .filter(client_subscription::Column::ClientId.eq(client))
        .filter(client_subscription::Column::Status.is_in(RUNNING));
    Ok(running.count(tx).await? > 0)
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn found(input: &Value, has_account: bool, default_day: Option<i64>) -> Vec<(Code, String)> {
        let faults = of_subscription(input, has_account, default_day);
        faults.into_iter().map(|error| (error.code, error.field.join("."))).collect()
    }

    #[test]
    fn a_subscription_is_whole() {
        let whole = value!({ "product": { "number": 1 }, "price": { "amount": "99" }, "unit": { "name": "Monthly" } });
        assert_eq!(found(&whole, false, Some(0)), []);
        assert_eq!(found(&whole, false, None), [(Code::Required, "subscription.billingDay".to_owned())]);
        let part = value!({ "product": { "number": 1 }, "startOn": "2026-06-01", "billingDay": 32 });
        let expected = [
            (Code::IncompleteGroup, "subscription.price"),
            (Code::IncompleteGroup, "subscription.unit"),
            (Code::IncompleteGroup, "subscription.startOn"),
            (Code::OutOfRange, "subscription.billingDay"),
        ];
        assert_eq!(found(&part, false, None), expected.map(|(code, field)| (code, field.to_owned())));
    }
}
