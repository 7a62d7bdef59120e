//! `choiceList`: what a field may be set to, by the name of a list: a look-up list, or rows of another kind that older
//! programs choose from by name. It must not know which field is set.

use async_graphql::Value;
use groupgraph_entities::{country, lookup_category, lookup_value, product, staff};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value as Json, json};

use crate::{
    company,
    compare::{key, same},
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
    money,
};

/// Values of one list.
const MOST: u64 = 10_000;

/// The answer of query `choiceList`; null if there is no such list.
///
/// # Errors
/// The database failed.
pub async fn choice_list(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let name = match selected.arguments.get("category") {
        Some(Value::String(name)) => name.trim(),
        _ => "",
    };
    let db = &request.hub.database.read;
    let found = match key(name).as_str() {
        "products" => Some(("Products".to_owned(), products(request, db).await?)),
        "agents" => Some(("Agents".to_owned(), people(request, db).await?)),
        "admins" => Some(("Admins".to_owned(), people(request, db).await?)),
        "countries" => Some(("Countries".to_owned(), countries(db).await?)),
        "currencies" => Some(("Currencies".to_owned(), money::codes().map(|code| choice(&code, code)).collect())),
        _ => of_category(db, name).await?,
    };
    match found {
        Some((name, choices)) => value(request, selected, &json!({ "name": name, "choices": choices })).await,
        None => Ok("null".to_owned()),
    }
}

fn choice(key: &impl ToString, name: &str) -> Json {
    json!({ "key": key.to_string(), "name": name })
}

async fn of_category(db: &DatabaseConnection, name: &str) -> Result<Option<(String, Vec<Json>)>, Error> {
    let list = lookup_category::Entity::find().filter(same(lookup_category::Column::Name, name)).one(db).await?;
    let Some(list) = list else { return Ok(None) };
    let values = lookup_value::Entity::find()
        .filter(lookup_value::Column::CategoryId.eq(list.id))
        .filter(lookup_value::Column::IsActive.eq(true))
        .order_by_asc(lookup_value::Column::Position)
        .order_by_asc(lookup_value::Column::Name)
        .limit(MOST);
    let values = values.all(db).await?;
    Ok(Some((list.name, values.iter().map(|row| choice(&row.id, &row.name)).collect())))
}

/// Products that the viewer's company sells.
async fn products(request: &Request<'_>, db: &DatabaseConnection) -> Result<Vec<Json>, Error> {
    let Ok(tenant) = company::own(request.hub, request.viewer) else { return Ok(Vec::new()) };
    let rows = product::Entity::find()
        .filter(product::Column::TenantId.eq(tenant))
        .filter(product::Column::DeletedAt.is_null())
        .filter(product::Column::IsActive.eq(true))
        .order_by_asc(product::Column::Id)
        .limit(MOST);
    Ok(rows.all(db).await?.iter().map(|row| choice(&row.id, &row.name)).collect())
}

/// Those who work at the viewer's company.
async fn people(request: &Request<'_>, db: &DatabaseConnection) -> Result<Vec<Json>, Error> {
    let Ok(tenant) = company::own(request.hub, request.viewer) else { return Ok(Vec::new()) };
    let rows = staff::Entity::find()
        .filter(staff::Column::TenantId.eq(tenant))
        .filter(staff::Column::DeletedAt.is_null())
        .filter(staff::Column::IsActive.eq(true))
        .order_by_asc(staff::Column::Name)
        .limit(MOST);
    Ok(rows.all(db).await?.iter().map(|row| choice(&row.id, &row.name)).collect())
}

async fn countries(db: &DatabaseConnection) -> Result<Vec<Json>, Error> {
    let rows = country::Entity::find().order_by_asc(country::Column::Name).limit(MOST).all(db).await?;
    Ok(rows.iter().map(|row| choice(&row.id, &row.name)).collect())
}
