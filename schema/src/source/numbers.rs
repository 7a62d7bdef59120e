//! Numbers for rows of sources whose own keys are no numbers: handed out at first sight and kept for good, by company,
//! so that a source that joins again keeps them. It must not know answers.

use std::collections::HashMap;

use groupgraph_entities::external_ref::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait, sea_query::OnConflict,
};

use crate::hub::Hub;

/// Keys in one statement.
const KEYS: usize = 500;
/// Attempts if another replica hands out numbers at the same time.
const ATTEMPTS: usize = 5;

/// Finds or hands out numbers for rows of a company, by type and foreign key; none if the database is out of reach.
pub async fn assign(hub: &Hub, tenant: i64, of: &'static str, keys: Vec<String>) -> Option<HashMap<String, i32>> {
    let found = find_or_insert(hub, tenant, of, &keys).await;
    found.inspect_err(|error| tracing::error!(%error, tenant, of, "numbers cannot be handed out")).ok()
}

async fn find_or_insert(hub: &Hub, tenant: i64, of: &str, keys: &[String]) -> Result<HashMap<String, i32>, DbErr> {
    let mut all = HashMap::with_capacity(keys.len());
    for keys in keys.chunks(KEYS) {
        let mut found = find(&hub.database.read, tenant, of, keys).await?;
        for _ in 0..ATTEMPTS {
            let unknown: Vec<&String> = keys.iter().filter(|key| !found.contains_key(*key)).collect();
            if unknown.is_empty() {
                break;
            }
            let transaction = hub.database.write.begin().await?;
            insert(&transaction, tenant, of, &unknown).await?;
            transaction.commit().await?;
            found = find(&hub.database.write, tenant, of, keys).await?;
        }
        all.extend(found);
    }
    Ok(all)
}

/// Rows of sources are none of the hub's own: nobody may find those by these keys.
fn entity(of: &str) -> String {
    format!("source/{of}")
}

fn system(tenant: i64) -> String {
    format!("source:{tenant}")
}

async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: i64,
    of: &str,
    keys: &[String],
) -> Result<HashMap<String, i32>, DbErr> {
    let rows = Entity::find()
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::System.eq(system(tenant)))
        .filter(Column::Entity.eq(entity(of)))
        .filter(Column::ExternalId.is_in(keys))
        .all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.external_id, i32::try_from(row.entity_id).ok()?))).collect())
}

/// Gives the next numbers to keys; what another replica took meanwhile is left for the next attempt.
async fn insert<C: ConnectionTrait>(connection: &C, tenant: i64, of: &str, keys: &[&String]) -> Result<(), DbErr> {
    let of_type = Entity::find().filter(Column::System.eq(system(tenant))).filter(Column::Entity.eq(entity(of)));
    let last: Option<i64> = of_type
        .select_only()
        .column(Column::EntityId)
        .order_by_desc(Column::EntityId)
        .limit(1)
        .into_tuple()
        .one(connection)
        .await?;
    let rows = keys.iter().zip(last.unwrap_or(0) + 1..).map(|(key, number)| ActiveModel {
        tenant_id: Set(tenant),
        system: Set(system(tenant)),
        entity: Set(entity(of)),
        entity_id: Set(number),
        external_id: Set((*key).clone()),
        ..Default::default()
    });
    let nothing = OnConflict::new().do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(nothing).exec_without_returning(connection).await.map(drop)
}
