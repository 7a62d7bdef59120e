//! `errorLogPage`: failures by page number, newest first.

use async_graphql::Value;
use groupgraph_entities::error_log::{Column, Entity};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::{
    engine::{collect::Selected, compare, mutate::value, request::Request},
    error::Error,
    viewer::Reach,
};

/// Entries of a page.
const MOST: u64 = 200;

/// The page that is asked for.
///
/// # Errors
/// A bad argument, or the database failed.
pub async fn page(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let number = |name: &str, usual: u64| match selected.arguments.get(name) {
        Some(Value::Number(number)) => number.as_u64().filter(|number| *number > 0),
        _ => Some(usual),
    };
    let (Some(limit), Some(page)) = (number("limit", 50).filter(|limit| *limit <= MOST), number("page", 1)) else {
        return Err(Error::bad_input(format!("limit is 1 to {MOST}, and page at least 1.")));
    };
    let mut wanted = Condition::all();
    if let Reach::Some(tenants) = &request.viewer.tenants {
        wanted = wanted.add(Column::TenantId.is_in(tenants.clone()));
    }
    if let Some(Value::Enum(level)) = selected.arguments.get("level") {
        wanted = wanted.add(Column::Level.eq(level.as_str()));
    }
    if let Some(Value::String(since)) = selected.arguments.get("since") {
        let zone = request.hub.directory.time_zone(request.viewer.tenant);
        let since = compare::parse_instant(since, zone).ok_or_else(|| Error::bad_input("since is no instant."))?;
        wanted = wanted.add(Column::OccurredAt.gte(since));
    }
    let db = &request.hub.database.read;
    let total = Entity::find().filter(wanted.clone()).count(db).await?;
    let rows = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(wanted)
        .order_by_desc(Column::OccurredAt)
        .order_by_desc(Column::Id)
        .offset((page - 1).saturating_mul(limit).min(i64::MAX.unsigned_abs()))
        .limit(limit);
    let numbers: Vec<i64> = rows.into_tuple().all(db).await?;
    let entries: Vec<_> = numbers.into_iter().map(|number| json!({ "__row": number })).collect();
    value(request, selected, &json!({ "entries": entries, "total": total, "page": page, "limit": limit })).await
}
