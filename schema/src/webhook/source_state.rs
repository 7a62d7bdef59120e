//! Tells endpoints when a source joins, fails or comes back, whoever changed its state: the state that was told last
//! is kept beside it, so that each change is told once.

use std::collections::HashMap;

use groupgraph_entities::{source, told_source_state};
use sea_orm::{
    ActiveValue::Set,
    DbErr, EntityTrait, TransactionTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::event::{SOURCE_STATE_CHANGED, by_word, enqueue};
use crate::hub::Hub;

/// Looks for states that were not yet told.
///
/// # Errors
/// The database is out of reach.
pub async fn tell_source_states(hub: &Hub) -> Result<(), DbErr> {
    let told = told_source_state::Entity::find().all(&hub.database.read).await?;
    let told: HashMap<i64, String> = told.into_iter().map(|row| (row.source_id, row.state)).collect();
    for row in source::Entity::find().all(&hub.database.read).await? {
        if told.get(&row.id) != Some(&row.state) {
            tell(hub, &row).await?;
        }
    }
    Ok(())
}

/// Of replicas that see it at the same time, one tells it.
async fn tell(hub: &Hub, row: &source::Model) -> Result<(), DbErr> {
    let transaction = hub.database.write.begin().await?;
    let state = told_source_state::Column::State;
    let unless_told = OnConflict::column(told_source_state::Column::SourceId)
        .update_column(state)
        .action_and_where(Expr::col((told_source_state::Entity, state)).ne(row.state.as_str()))
        .to_owned();
    let now =
        told_source_state::ActiveModel { source_id: Set(row.id), state: Set(row.state.clone()), ..Default::default() };
    let written =
        told_source_state::Entity::insert(now).on_conflict(unless_told).exec_without_returning(&transaction).await?;
    if written == 0 {
        return Ok(());
    }
    let event = by_word(SOURCE_STATE_CHANGED).expect("it is in the table");
    let changes = enqueue(hub, &transaction, vec![(event, row.id)]).await?;
    hub.events.commit(transaction, changes).await
}
