//! The mutation rotateWebhookSecret.

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use groupgraph_entities::webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{TYPE, endpoint, secret};
use crate::{
    events::ChangeKind,
    verb::{Call, Outcome, Payload},
};

/// How long the old secret signs too.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// Makes a new secret, shown this once.
pub(super) fn rotate_webhook_secret<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let row = endpoint::named(call, &transaction).await?;
        let (number, made) = (row.id, secret::make());
        let changed = webhook::ActiveModel {
            id: Set(number),
            secret_sealed: Set(secret::seal(call.hub, &made)),
            previous_secret_sealed: Set(Some(row.secret_sealed)),
            previous_secret_until: Set(Some(call.now() + OVERLAP)),
            updated_at: Set(call.now()),
            ..Default::default()
        };
        changed.update(&transaction).await?;
        call.changed(ChangeKind::Updated, TYPE, number);
        call.commit(transaction).await?;
        Ok(Payload::new().plain("secret", made))
    })
}
