//! The mutation pingWebhook: a test event, sent and signed like all others.

use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{
    TYPE, endpoint,
    event::{Content, message},
};
use crate::{
    delivery,
    events::ChangeKind,
    verb::{Call, Outcome, Payload},
};

/// Sends a test event; also to an endpoint that was disabled, to see whether it is well again.
pub(super) fn ping_webhook<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let row = webhook::Model { disabled_at: None, ..endpoint::named(call, &transaction).await? };
        let content =
            Content { kind: "ping".into(), timestamp: call.now(), of: TYPE.into(), number: row.id, body: None };
        let mut message = message(call.hub, &row, &content);
        message.created_by_id = Set(call.viewer.staff);
        let number = message.insert(&transaction).await?.id;
        call.changed(ChangeKind::Created, delivery::TYPE, number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("delivery", number))
    })
}
