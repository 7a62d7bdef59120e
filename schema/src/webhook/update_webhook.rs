//! The mutation updateWebhook.

use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{TYPE, endpoint};
use crate::{
    events::ChangeKind,
    members,
    verb::{Call, Outcome, Payload},
};

/// Changes an endpoint; what is not given stays.
pub(super) fn update_webhook<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let (events, waits) = (endpoint::events(call)?, endpoint::own_waits(call)?);
        let url = endpoint::url(call).await?;
        let transaction = call.begin().await?;
        let number = endpoint::named(call, &transaction).await?.id;
        let mut row = webhook::ActiveModel { id: Set(number), updated_at: Set(call.now()), ..Default::default() };
        if let Some(url) = url {
            row.url = Set(url);
        }
        if let Some(events) = events {
            row.events = Set(events);
        }
        if let Some(waits) = waits {
            row.retry_after_seconds = Set(waits);
        }
        if let Some(is_active) = members::flag(call.input, "isActive") {
            row.is_active = Set(is_active);
            // Either way somebody has looked at it.
            row.disabled_at = Set(None);
            row.failing_since = Set(None);
        }
        row.update(&transaction).await?;
        call.changed(ChangeKind::Updated, TYPE, number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("webhook", number))
    })
}
