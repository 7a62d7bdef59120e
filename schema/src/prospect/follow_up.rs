//! The follow-up row of a prospect or a client; each party has one at most.

use chrono::{DateTime, Utc};
use groupgraph_entities::{client, follow_up, follow_up_category, prospect};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Order, QueryFilter,
    QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType, NullOrdering},
};

use crate::error::Error;

/// The first column of a company's board; none if its board has no columns.
///
/// # Errors
/// The database is out of reach.
pub async fn first_category<C: ConnectionTrait>(db: &C, tenant: i64) -> Result<Option<i64>, DbErr> {
    let first = follow_up_category::Entity::find()
        .filter(follow_up_category::Column::TenantId.eq(tenant))
        .order_by_with_nulls(follow_up_category::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(follow_up_category::Column::Id)
        .one(db)
        .await?;
    Ok(first.map(|row| row.id))
}

/// The follow-up row of a prospect, made in the first column if there is none.
///
/// # Errors
/// The database is out of reach, or there is no such prospect.
pub async fn of_prospect(tx: &DatabaseTransaction, number: i64) -> Result<follow_up::Model, Error> {
    let party = prospect::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
    let party = party.ok_or_else(|| Error::internal(format!("there is no prospect {number}")))?;
    let new = follow_up::ActiveModel { prospect_id: Set(Some(number)), ..Default::default() };
    found_or(tx, follow_up::Column::ProspectId.eq(number), new, (party.tenant_id, party.created_at)).await
}

/// The follow-up row of a client, made in the first column if there is none.
///
/// # Errors
/// The database is out of reach, or there is no such client.
pub async fn of_client(tx: &DatabaseTransaction, number: i64) -> Result<follow_up::Model, Error> {
    let party = client::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
    let party = party.ok_or_else(|| Error::internal(format!("there is no client {number}")))?;
    let new = follow_up::ActiveModel { client_id: Set(Some(number)), ..Default::default() };
    found_or(tx, follow_up::Column::ClientId.eq(number), new, (party.tenant_id, party.created_at)).await
}

/// The row of a party, or a new one that has stood in the first column since its party was made.
async fn found_or(
    tx: &DatabaseTransaction,
    of_party: Expr,
    new: follow_up::ActiveModel,
    (tenant, since): (i64, DateTime<Utc>),
) -> Result<follow_up::Model, Error> {
    if let Some(row) = follow_up::Entity::find().filter(of_party).one(tx).await? {
        return Ok(row);
    }
    let category = first_category(tx, tenant).await?;
    let row = follow_up::ActiveModel {
        tenant_id: Set(tenant),
        category_id: Set(category),
        category_changed_at: Set(category.map(|_| since)),
        has_recharge: Set(false),
        ..new
    };
    Ok(row.insert(tx).await?)
}
