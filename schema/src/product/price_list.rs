//! What a price list must fulfil: one default a company, one currency a list.

use futures_util::future::BoxFuture;
use groupgraph_entities::{price, price_list};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Value, sea_query::Expr};

use super::price as prices;
use crate::{
    company,
    error::Code,
    money,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Makes way for a new default, and checks the currency.
pub fn before<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check_currency(tx, draft).await?;
        let becomes_default = matches!(draft.values.get("is_default"), Some(Value::Bool(Some(true))));
        if let (true, Some(tenant)) = (becomes_default, draft.tenant) {
            company::lock(tx, tenant).await?;
            price_list::Entity::update_many()
                .col_expr(price_list::Column::IsDefault, Expr::value(false))
                .filter(price_list::Column::TenantId.eq(tenant))
                .filter(price_list::Column::Id.ne(draft.number.unwrap_or_default()))
                .exec(tx)
                .await?;
        }
        Ok(())
    })
}

/// Another default list means other prices of the products.
pub fn after<'a>(_: &'a Call<'a>, tx: &'a DatabaseTransaction, draft: &'a Draft) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        match draft.tenant {
            Some(tenant) if draft.values.contains_key("is_default") => Ok(prices::copy(tx, tenant, None).await?),
            _ => Ok(()),
        }
    })
}

async fn check_currency(tx: &DatabaseTransaction, draft: &Draft) -> Result<(), Failure> {
    let Some(currency) = draft.text("currency") else { return Ok(()) };
    if money::exponent(currency).is_none() {
        return Err(fault(Code::UnknownValue, "currency", "There is no such currency."));
    }
    let Some(number) = draft.number else { return Ok(()) };
    let others = price::Entity::find()
        .filter(price::Column::PriceListId.eq(number))
        .filter(price::Column::Currency.ne(currency))
        .count(tx)
        .await?;
    if others > 0 {
        return Err(fault(Code::WrongState, "currency", "The list has prices in its present currency."));
    }
    Ok(())
}
