//! The mutation cancelDelivery: a waiting delivery is not sent any more. An attempt that is under way may still arrive;
//! then it is shown as delivered.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use groupgraph_entities::delivery;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{CANCELLED, PENDING, TYPE};
use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

/// Calls a delivery back.
pub(super) fn cancel_delivery<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let number = call.required(&transaction, "delivery", TYPE).await?;
        let done = delivery::Entity::update_many()
            .col_expr(delivery::Column::Status, Expr::value(CANCELLED))
            .col_expr(delivery::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
            .filter(delivery::Column::Id.eq(number))
            .filter(delivery::Column::Status.eq(PENDING))
            .exec(&transaction)
            .await?;
        if done.rows_affected == 0 {
            return Err(fault(Code::WrongState, "delivery", "It does not wait any more."));
        }
        call.changed(ChangeKind::Updated, TYPE, number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("delivery", number))
    })
}
