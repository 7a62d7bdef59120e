//! What comes with a product: a default variant, and its price in the default list.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{product, variant};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::LockType,
};

use super::{price, variants};
use crate::{
    amount,
    company::Company,
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Refuses a product without a name, and amounts below zero.
pub fn before<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        if draft.values.contains_key("name") && draft.text("name").is_none_or(|name| name.trim().is_empty()) {
            return Err(fault(Code::Required, "name", "A product has a name."));
        }
        if draft.integer("recommended_price_minor").is_some_and(|minor| minor < 0) {
            return Err(fault(Code::Invalid, "recommendedPrice", "A price is zero or more."));
        }
        Ok(())
    })
}

/// Writes variants and prices, then the product's copy of its price.
pub fn after<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let number = draft.written();
        let row = product::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
        let row = row.ok_or_else(|| Error::internal(format!("there is no product {number}")))?;
        let company = Company::find(tx, row.tenant_id).await?;
        variants::write(call, tx, &company, number).await?;
        let standing = default_variant(tx, number).await?;
        set_price(call, tx, &company, standing).await?;
        Ok(price::copy(tx, company.number, Some(number)).await?)
    })
}

/// The variant that stands for a product, made if there is none.
async fn default_variant(tx: &DatabaseTransaction, product: i64) -> Result<i64, Error> {
    let found = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product))
        .filter(variant::Column::IsDefault.eq(true))
        .one(tx)
        .await?;
    if let Some(row) = found {
        return Ok(row.id);
    }
    let made = variant::ActiveModel {
        product_id: Set(product),
        name: Set("Default".to_owned()),
        is_default: Set(true),
        is_active: Set(true),
        ..Default::default()
    };
    Ok(made.insert(tx).await?.id)
}

async fn set_price(call: &Call<'_>, tx: &DatabaseTransaction, company: &Company, variant: i64) -> Result<(), Failure> {
    let Some(value) = call.member("price") else { return Ok(()) };
    let list = price::default_list(tx, company).await?;
    if *value == Value::Null {
        return Ok(price::remove(tx, variant, list.id).await?);
    }
    let amount = amount::read(value, "price", &company.currency)?;
    price::set(tx, variant, &list, amount, "price").await
}
