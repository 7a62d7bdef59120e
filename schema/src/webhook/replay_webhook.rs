//! The mutation replayWebhook: past events are due again, under their old keys and with new signatures.

use futures_util::future::BoxFuture;
use groupgraph_entities::delivery;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::endpoint;
use crate::{
    delivery::{DELIVERED, FAILED, PENDING, TYPE},
    engine::compare::parse_instant,
    error::Code,
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

/// Sends what arrived or was given up since an instant again.
pub(super) fn replay_webhook<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let zone = call.hub.directory.time_zone(call.viewer.tenant);
        let since = parse_instant(call.text("since").unwrap_or_default(), zone);
        let since = since.ok_or_else(|| fault(Code::InvalidDate, "since", "This is no instant."))?;
        let transaction = call.begin().await?;
        let row = endpoint::named(call, &transaction).await?;
        if !row.is_active {
            return Err(fault(Code::WrongState, "webhook", "The endpoint is not active."));
        }
        let queued = delivery::Entity::update_many()
            .col_expr(delivery::Column::Status, Expr::value(PENDING))
            .col_expr(delivery::Column::AttemptCount, Expr::value(0))
            .col_expr(delivery::Column::NextAttemptAt, Expr::value(call.now()))
            .filter(delivery::Column::WebhookId.eq(row.id))
            .filter(delivery::Column::Event.is_not_null())
            .filter(delivery::Column::CreatedAt.gte(since))
            .filter(delivery::Column::Status.is_in([DELIVERED, FAILED]))
            .exec(&transaction)
            .await?
            .rows_affected;
        // Enough to wake the runners: they look for what is due themselves.
        if queued > 0 {
            call.changed(ChangeKind::Updated, TYPE, 0);
        }
        call.commit(transaction).await?;
        Ok(Payload::new().plain("queuedCount", queued))
    })
}
