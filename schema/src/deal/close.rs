//! The mutations winDeal and loseDeal.

use futures_util::future::BoxFuture;
use groupgraph_entities::deal::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::outcome;
use crate::{
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload},
};

/// Closes an open deal as won.
pub(super) fn win_deal<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(end(call, "WON"))
}

/// Closes an open deal as lost; the reason is appended to its description.
pub(super) fn lose_deal<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(end(call, "LOST"))
}

async fn end(call: &Call<'_>, status: &str) -> Outcome {
    let transaction = call.begin().await?;
    let deal = call.required(&transaction, "deal", "Deal").await?;
    close(call, &transaction, deal, status).await?;
    call.commit(transaction).await?;
    Ok(Payload::new().row("deal", deal))
}

pub(super) async fn close(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    deal: i64,
    status: &str,
) -> Result<(), Failure> {
    let found = Entity::find_by_id(deal).filter(Column::Status.eq(outcome::OPEN)).lock_exclusive().one(transaction);
    let current = found.await?.ok_or_else(|| outcome::closed("deal"))?;
    let mut update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Probability, Expr::value(outcome::probability(status)))
        .col_expr(Column::ClosedAt, Expr::value(call.now()))
        .col_expr(Column::UpdatedAt, Expr::value(call.now()));
    if let Some(reason) = call.text("reason").map(str::trim).filter(|reason| !reason.is_empty()) {
        let description = current.description.filter(|text| !text.trim().is_empty());
        let description = description.map_or_else(|| reason.to_owned(), |text| format!("{text}\n\n{reason}"));
        update = update.col_expr(Column::Description, Expr::value(description));
    }
    update.filter(Column::Id.eq(deal)).exec(transaction).await?;
    call.changed(ChangeKind::Updated, "Deal", deal);
    call.happened(outcome::event(status), deal);
    Ok(())
}
