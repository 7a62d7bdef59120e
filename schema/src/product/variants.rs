//! Member `variants` of a product: replaces those that it has.

use std::collections::BTreeSet;

use async_graphql::Value;
use groupgraph_entities::{external_ref, price as price_row, price_list, variant};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    Set, sea_query::Expr,
};

use super::price;
use crate::{
    amount,
    company::Company,
    error::{Code, Error},
    members,
    verb::{Call, Failure, fault},
};

/// Writes the variants that the input lists; nothing if it lists none.
///
/// # Errors
/// Faults by variant, such as `variants.0.name`.
pub async fn write(call: &Call<'_>, tx: &DatabaseTransaction, company: &Company, product: i64) -> Result<(), Failure> {
    let Some(inputs) = members::list(call.input, "variants") else { return Ok(()) };
    let before = variant::Entity::find().filter(variant::Column::ProductId.eq(product)).all(tx).await?;
    let named = named(call, tx, inputs, &before).await?;
    let standing = standing(inputs, &named, &before)?;
    // The index allows one default at any moment.
    variant::Entity::update_many()
        .col_expr(variant::Column::IsDefault, Expr::value(false))
        .filter(variant::Column::ProductId.eq(product))
        .exec(tx)
        .await?;
    let mut kept = BTreeSet::new();
    for (index, (input, number)) in inputs.iter().zip(named).enumerate() {
        let row = row(input, index, product, number, index == standing)?;
        let number = match number {
            Some(_) => row.update(tx).await?.id,
            None => row.insert(tx).await?.id,
        };
        kept.insert(number);
        write_prices(call, tx, company, number, (input, index)).await?;
    }
    for gone in before.iter().map(|row| row.id).filter(|number| !kept.contains(number)) {
        retire(tx, gone).await?;
    }
    Ok(())
}

/// For each input the variant that it names; each only once, and only of this product.
async fn named(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    inputs: &[Value],
    before: &[variant::Model],
) -> Result<Vec<Option<i64>>, Failure> {
    let mut seen = BTreeSet::new();
    let mut named = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let Some(value) = members::present(input, "variant") else {
            named.push(None);
            continue;
        };
        let field = format!("variants.{index}.variant");
        let number = call.resolve(tx, value, &field, "Variant").await?;
        if before.iter().all(|row| row.id != number) {
            return Err(fault(Code::NotFound, &field, "The product has no such variant."));
        }
        if !seen.insert(number) {
            return Err(fault(Code::Invalid, &field, "Name each variant once."));
        }
        named.push(Some(number));
    }
    Ok(named)
}

/// Which input stands for the product: the one that says so, else the present default, else the first.
fn standing(inputs: &[Value], named: &[Option<i64>], before: &[variant::Model]) -> Result<usize, Failure> {
    if inputs.is_empty() {
        return Err(fault(Code::Required, "variants", "A product has at least one variant."));
    }
    let said: Vec<usize> =
        (0..inputs.len()).filter(|index| members::flag(&inputs[*index], "isDefault") == Some(true)).collect();
    if let [_, second, ..] = said[..] {
        return Err(fault(Code::Invalid, &format!("variants.{second}.isDefault"), "One variant is the default."));
    }
    let present = before.iter().find(|row| row.is_default).map(|row| row.id);
    let unchanged = || named.iter().position(|number| number.is_some() && *number == present);
    Ok(said.first().copied().or_else(unchanged).unwrap_or(0))
}

fn row(
    input: &Value,
    index: usize,
    product: i64,
    number: Option<i64>,
    is_default: bool,
) -> Result<variant::ActiveModel, Failure> {
    let name = members::words(input, "name")
        .ok_or_else(|| fault(Code::Required, &format!("variants.{index}.name"), "A variant has a name."))?;
    let is_active = members::flag(input, "isActive");
    Ok(variant::ActiveModel {
        id: number.map_or(NotSet, Set),
        product_id: Set(product),
        name: Set(name.to_owned()),
        sku: members::text_column(input, "sku"),
        barcode: members::text_column(input, "barcode"),
        is_default: Set(is_default),
        is_active: match (is_active, number) {
            (Some(is_active), _) => Set(is_active),
            (None, Some(_)) => NotSet,
            (None, None) => Set(true),
        },
    })
}

async fn write_prices(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    variant: i64,
    (input, index): (&Value, usize),
) -> Result<(), Failure> {
    let Some(inputs) = members::list(input, "prices") else { return Ok(()) };
    price_row::Entity::delete_many().filter(price_row::Column::VariantId.eq(variant)).exec(tx).await?;
    for (place, input) in inputs.iter().enumerate() {
        let path = format!("variants.{index}.prices.{place}");
        let list = list(call, tx, company, input, &format!("{path}.list")).await?;
        let path = format!("{path}.amount");
        let value = members::present(input, "amount");
        let value = value.ok_or_else(|| fault(Code::Required, &path, "Say how much."))?;
        let amount = amount::read(value, &path, &company.currency)?;
        price::set(tx, variant, &list, amount, &path).await?;
    }
    Ok(())
}

async fn list(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    input: &Value,
    path: &str,
) -> Result<price_list::Model, Failure> {
    let Some(value) = members::present(input, "list") else {
        return Ok(price::default_list(tx, company).await?);
    };
    let number = call.resolve(tx, value, path, "PriceList").await?;
    let row = price_list::Entity::find_by_id(number).one(tx).await?;
    row.filter(|row| row.tenant_id == company.number)
        .ok_or_else(|| fault(Code::NotFound, path, "The company has no such price list."))
}

/// Removes a variant; one that a foreign system knows is only taken out of use.
async fn retire(tx: &DatabaseTransaction, variant: i64) -> Result<(), Error> {
    let known = external_ref::Entity::find()
        .filter(external_ref::Column::Entity.eq("Variant"))
        .filter(external_ref::Column::EntityId.eq(variant))
        .count(tx)
        .await?;
    if known == 0 {
        variant::Entity::delete_by_id(variant).exec(tx).await?;
        return Ok(());
    }
    let retired = variant::ActiveModel { id: Set(variant), is_active: Set(false), ..Default::default() };
    retired.update(tx).await?;
    Ok(())
}
