//! Values of look-up lists that an input chooses. It must not know which lists there are.

use async_graphql::Value;
use groupgraph_entities::{lookup_category, lookup_value};
use sea_orm::{ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    compare::same,
    error::{Code, Error},
    members,
    verb::{Call, Failure, fault},
};

/// The number of the value of a look-up category that a `Reference` names; names are compared ignoring case, and
/// digits alone are also a number.
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
    let found = if let Some(name) = members::words(value, "name") {
        named(db, category, name).await?.map(|row| row.id)
    } else if let Some(number) = members::integer(value, "listNumber") {
        let Some(list) = list(db, category).await? else { return Err(unknown(field, category)) };
        let found = lookup_value::Entity::find()
            .filter(lookup_value::Column::CategoryId.eq(list))
            .filter(lookup_value::Column::ListNumber.eq(number));
        found.one(db).await?.map(|row| row.id)
    } else {
        let number = call.resolve(db, value, field, "LookupValue").await?;
        let list = list(db, category).await?;
        let found = lookup_value::Entity::find_by_id(number).one(db).await?;
        found.filter(|row| list == Some(row.category_id)).map(|row| row.id)
    };
    found.ok_or_else(|| unknown(field, category))
}

/// The value of a look-up category that may be chosen by this name or number.
///
/// # Errors
/// The database is out of reach.
pub async fn named<C: ConnectionTrait>(
    db: &C,
    category: &str,
    name: &str,
) -> Result<Option<lookup_value::Model>, Error> {
    let mut is_it = Condition::any().add(same(lookup_value::Column::Name, name.trim()));
    if let Ok(number) = name.trim().parse::<i64>() {
        is_it = is_it.add(lookup_value::Column::Id.eq(number));
    }
    let Some(list) = list(db, category).await? else { return Ok(None) };
    let found = lookup_value::Entity::find()
        .filter(lookup_value::Column::CategoryId.eq(list))
        .filter(lookup_value::Column::IsActive.eq(true))
        .filter(is_it)
        .order_by_asc(lookup_value::Column::Id);
    Ok(found.one(db).await?)
}

fn unknown(field: &str, category: &str) -> Failure {
    fault(Code::UnknownValue, field, format!("\"{category}\" has no such value."))
}

async fn list<C: ConnectionTrait>(db: &C, category: &str) -> Result<Option<i64>, Error> {
    let found = lookup_category::Entity::find().filter(same(lookup_category::Column::Name, category)).one(db).await?;
    Ok(found.map(|row| row.id))
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
