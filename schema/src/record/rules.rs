//! What single resources add to being created and changed, in the same transaction. The list is the whole of it; what
//! is not in here is plain.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::{
    actions::{category, portal, stock},
    store::Row,
};
use crate::{
    catalog::Resource,
    verb::{Call, Failure},
};

type Body = Map<String, Value>;

/// Runs before a record is written; may change it or refuse it. Of a new record there is no earlier body.
pub type Before = for<'a> fn(
    &'a Call<'a>,
    &'a DatabaseTransaction,
    &'a mut Row,
    Option<&'a Body>,
) -> BoxFuture<'a, Result<(), Failure>>;

/// Runs after a record was written, in the same transaction.
pub type After =
    for<'a> fn(&'a Call<'a>, &'a DatabaseTransaction, &'a Row, Option<&'a Body>) -> BoxFuture<'a, Result<(), Failure>>;

const BEFORE: [(&str, Before); 5] = [
    ("ReceivingMaterial", stock::sum_receival),
    ("Transfer", stock::sum_transfer),
    ("WorkorderCategory", category::refuse_cycle),
    ("WorkorderPortal", portal::open),
    ("WorkorderPortalLink", portal::issue),
];

const AFTER: [(&str, After); 3] =
    [("InventoryAdjustment", stock::adjust), ("ReceivingMaterial", stock::receive), ("Transfer", stock::transfer)];

/// Runs what the resource does before it is written.
///
/// # Errors
/// The rule refuses, or the database failed.
pub async fn before(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &Resource,
    row: &mut Row,
    earlier: Option<&Body>,
) -> Result<(), Failure> {
    for (_, rule) in BEFORE.iter().filter(|(name, _)| *name == resource.name) {
        rule(call, tx, row, earlier).await?;
    }
    Ok(())
}

/// Runs what the resource does after it was written.
///
/// # Errors
/// The rule refuses, or the database failed.
pub async fn after(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &Resource,
    row: &Row,
    earlier: Option<&Body>,
) -> Result<(), Failure> {
    for (_, rule) in AFTER.iter().filter(|(name, _)| *name == resource.name) {
        rule(call, tx, row, earlier).await?;
    }
    Ok(())
}
