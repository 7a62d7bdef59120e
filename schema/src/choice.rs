//! Values of look-up lists that an input chooses. It must not know which lists there are.

use async_graphql::Value;
use groupgraph_entities::{lookup_category, lookup_value};
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{
    compare::same,
    error::Code,
    members,
    verb::{Call, Failure, fault},
};

/// The number of the value of a look-up category that a `Reference` names; names are compared ignoring case.
///
/// # Errors
/// `UNKNOWN_VALUE` if the category has no such value.
pub async fn choose<C: ConnectionTrait>(
    call: &Call<'_>,
    db: &C,
    value: &Value,
    field: &str,
    category: &str,
) -> Result<i64, Failure> {
    let unknown = || fault(Code::UnknownValue, field, format!("\"{category}\" has no such value."));
    let list = lookup_category::Entity::find().filter(same(lookup_category::Column::Name, category)).one(db).await?;
    let Some(list) = list else { return Err(unknown()) };
    let values = lookup_value::Entity::find().filter(lookup_value::Column::CategoryId.eq(list.id));
    let values = if let Some(name) = members::words(value, "name") {
        values.filter(same(lookup_value::Column::Name, name))
    } else if let Some(number) = members::integer(value, "listNumber") {
        values.filter(lookup_value::Column::ListNumber.eq(number))
    } else {
        let number = call.resolve(db, value, field, "LookupValue").await?;
        values.filter(lookup_value::Column::Id.eq(number))
    };
    values.one(db).await?.map(|row| row.id).ok_or_else(unknown)
}

/// The column of a member of an input that chooses from a look-up category.
///
/// # Errors
/// `UNKNOWN_VALUE`.
pub async fn choice_column<C: ConnectionTrait>(
    call: &Call<'_>,
    db: &C,
    input: &Value,
    member: &str,
    category: &str,
) -> Result<ActiveValue<Option<i64>>, Failure> {
    let chosen = match members::present(input, member) {
        Some(value) => Some(choose(call, db, value, member, category).await?),
        None => None,
    };
    Ok(members::column(input, member, chosen))
}
