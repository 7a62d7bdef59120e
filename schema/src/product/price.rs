//! Prices by list, and the copy of the default one that each product keeps.

use groupgraph_entities::{price, price_list};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, Set,
    Statement, sea_query::OnConflict,
};

use crate::{
    amount::Amount,
    company::{self, Company},
    error::{Code, Error},
    verb::{Failure, fault},
};

/// The default price list of a company, made in its base currency if there is none.
///
/// # Errors
/// The database is out of reach.
pub async fn default_list(tx: &DatabaseTransaction, company: &Company) -> Result<price_list::Model, Error> {
    company::lock(tx, company.number).await?;
    let list = price_list::Entity::find()
        .filter(price_list::Column::TenantId.eq(company.number))
        .filter(price_list::Column::IsDefault.eq(true))
        .one(tx)
        .await?;
    if let Some(list) = list {
        return Ok(list);
    }
    let made = price_list::ActiveModel {
        tenant_id: Set(company.number),
        name: Set("Default".to_owned()),
        currency: Set(company.currency.clone()),
        is_default: Set(true),
        ..Default::default()
    };
    Ok(made.insert(tx).await?)
}

/// Sets the price of a variant in a list; `path` is where the amount is in the input.
///
/// # Errors
/// `INVALID` for another currency than the list's, or less than zero.
pub async fn set(
    tx: &DatabaseTransaction,
    variant: i64,
    list: &price_list::Model,
    amount: Amount,
    path: &str,
) -> Result<(), Failure> {
    if amount.currency != list.currency {
        let message = format!("The prices of \"{}\" are in {}.", list.name, list.currency);
        return Err(fault(Code::Invalid, path, message));
    }
    if amount.minor < 0 {
        return Err(fault(Code::Invalid, path, "A price is zero or more."));
    }
    let row = price::ActiveModel {
        variant_id: Set(variant),
        price_list_id: Set(list.id),
        amount_minor: Set(amount.minor),
        currency: Set(amount.currency),
        ..Default::default()
    };
    let replace = OnConflict::columns([price::Column::VariantId, price::Column::PriceListId])
        .update_columns([price::Column::AmountMinor, price::Column::Currency])
        .to_owned();
    price::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes the price of a variant out of a list.
///
/// # Errors
/// The database is out of reach.
pub async fn remove(tx: &DatabaseTransaction, variant: i64, list: i64) -> Result<(), Error> {
    let found = price::Column::VariantId.eq(variant).and(price::Column::PriceListId.eq(list));
    price::Entity::delete_many().filter(found).exec(tx).await?;
    Ok(())
}

/// Copies the price of the default variant in the default list to the product: to one, or to all of a company.
/// Nothing else writes that copy.
///
/// # Errors
/// The database is out of reach.
pub async fn copy(tx: &DatabaseTransaction, tenant: i64, product: Option<i64>) -> Result<(), Error> {
    let mut text = "UPDATE product SET (price_minor, price_currency) = (\
        SELECT price.amount_minor, price.currency FROM price \
        JOIN variant ON variant.id = price.variant_id AND variant.is_default \
        JOIN price_list ON price_list.id = price.price_list_id AND price_list.is_default \
        WHERE variant.product_id = product.id AND price_list.tenant_id = product.tenant_id) \
        WHERE tenant_id = $1"
        .to_owned();
    let mut values = vec![tenant.into()];
    if let Some(product) = product {
        text.push_str(" AND id = $2");
        values.push(product.into());
    }
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), text, values)).await?;
    Ok(())
}
