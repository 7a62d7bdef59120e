//! The mutation retryDelivery: a delivery is due now, with all its attempts before it.

use futures_util::future::BoxFuture;
use groupgraph_entities::{delivery, webhook};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};

use super::{CANCELLED, DELIVERED, Kind, PENDING, TYPE};
use crate::{
    error::{Code, Error},
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Tries a delivery again.
pub(super) fn retry_delivery<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let number = call.required(&transaction, "delivery", TYPE).await?;
        let row = delivery::Entity::find_by_id(number).one(&transaction).await?;
        let row = row.ok_or_else(|| Error::internal("the delivery to retry is gone"))?;
        check(&transaction, &row).await?;
        let mut change = delivery::Entity::update_many()
            .col_expr(delivery::Column::NextAttemptAt, Expr::value(call.now()))
            .filter(delivery::Column::Id.eq(number));
        if row.status != PENDING {
            change = change
                .col_expr(delivery::Column::Status, Expr::value(PENDING))
                .col_expr(delivery::Column::AttemptCount, Expr::value(0));
        }
        change.exec(&transaction).await?;
        call.changed(ChangeKind::Updated, TYPE, number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("delivery", number))
    })
}

async fn check(transaction: &DatabaseTransaction, row: &delivery::Model) -> Result<(), Failure> {
    let wrong = |message: &str| Err(fault(Code::WrongState, "delivery", message));
    if row.status == CANCELLED {
        return wrong("It was called back, or replaced by a newer one.");
    }
    if row.status == DELIVERED && row.kind != Kind::Webhook.word() {
        return wrong("It has arrived.");
    }
    if let Some(lane) = &row.lane {
        let newer = delivery::Entity::find()
            .filter(delivery::Column::Lane.eq(lane.as_str()))
            .filter(delivery::Column::Id.gt(row.id))
            .count(transaction)
            .await?;
        if newer > 0 && row.status != PENDING {
            return wrong("A newer one has replaced it.");
        }
    }
    if let Some(webhook) = row.webhook_id {
        let endpoint = webhook::Entity::find_by_id(webhook).one(transaction).await?;
        if endpoint.is_some_and(|endpoint| !endpoint.is_active) && row.event.is_some() {
            return wrong("The endpoint is not active.");
        }
    }
    Ok(())
}
