//! The mutation moveDeal.

use futures_util::future::BoxFuture;
use groupgraph_entities::{deal, stage};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::outcome;
use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Moves an open deal to a stage of its own pipeline.
pub(super) fn move_deal<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let deal = call.required(&transaction, "deal", "Deal").await?;
        let stage = call.required(&transaction, "stage", "Stage").await?;
        relocate(call, &transaction, deal, stage).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("deal", deal))
    })
}

pub(super) async fn relocate(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    deal: i64,
    stage: i64,
) -> Result<(), Failure> {
    let found = deal::Entity::find_by_id(deal).lock_exclusive().one(transaction).await?;
    let current = found.ok_or_else(|| fault(Code::NotFound, "deal", "There is no such deal."))?;
    if current.status != outcome::OPEN {
        return Err(outcome::closed("deal"));
    }
    let pipeline = stage::Entity::find_by_id(stage).one(transaction).await?.map(|stage| stage.pipeline_id);
    if pipeline.is_none() || pipeline != current.pipeline_id {
        return Err(fault(Code::Invalid, "stage", "The stage is none of the deal's pipeline."));
    }
    deal::Entity::update_many()
        .col_expr(deal::Column::StageId, Expr::value(stage))
        .col_expr(deal::Column::UpdatedAt, Expr::value(call.now()))
        .filter(deal::Column::Id.eq(deal))
        .exec(transaction)
        .await?;
    call.changed(ChangeKind::Updated, "Deal", deal);
    Ok(())
}
