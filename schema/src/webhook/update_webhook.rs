//! The mutation updateWebhook.

use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

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
        let before = endpoint::named(call, &transaction).await?;
        // Who moves an endpoint moves what it is told.
        let told: Vec<String> = serde_json::from_value(before.events).unwrap_or_default();
        endpoint::may_hear(call, &told.iter().map(String::as_str).collect::<Vec<_>>(), "webhook")?;
        let number = before.id;
        let mut row = webhook::ActiveModel {
            id: Set(number),
            retry_after_seconds: waits,
            updated_at: Set(call.now()),
            ..Default::default()
        };
        if let Some(url) = url {
            row.url = Set(url);
        }
        if let Some(events) = events {
            row.events = Set(json!(events));
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
