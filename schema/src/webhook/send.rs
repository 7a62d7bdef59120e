//! Tells an endpoint of one event.

use std::time::Duration;

use groupgraph_entities::{delivery, webhook};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

use super::{event::Content, payload, secret};
use crate::{
    delivery::{Fault, Runner, parcel},
    error::Error,
    hub::Hub,
};

/// What is read of an answer, so that its connection can be used again.
const MOST_BYTES: usize = 64 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Sends the body with a signature of this very attempt.
///
/// # Errors
/// The endpoint is gone, inactive, refused, or did not answer with 2xx.
pub async fn send(runner: &Runner, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let hub = &runner.hub;
    let endpoint = webhook::Entity::find_by_id(row.webhook_id.unwrap_or_default()).one(&hub.database.read).await;
    let endpoint = endpoint.map_err(Error::from)?.ok_or_else(|| Fault::new("REMOVED", "It was removed.").for_good())?;
    if !endpoint.is_active && row.event.is_some() {
        return Err(Fault::new("INACTIVE", "The endpoint is not active.").for_good());
    }
    let body = body(hub, &endpoint, row).await?;
    let answer = runner.webhooks.post(&endpoint.url, headers(hub, &endpoint, row, &body)?, body).await?;
    let status = answer.status;
    if status == 410 {
        return Err(Fault::new("GONE", "It wants to hear no more.").with_status(status).for_good());
    }
    answer.check()?;
    // The status has said it; a body that never ends changes nothing.
    let _ = tokio::time::timeout(READ_TIMEOUT, answer.text(MOST_BYTES)).await;
    Ok(Some(status))
}

/// Written once, and the same for all attempts.
async fn body(hub: &Hub, endpoint: &webhook::Model, row: &delivery::Model) -> Result<String, Error> {
    let mut content: Content = parcel::open(hub, row)?;
    if let Some(body) = content.body {
        return Ok(body);
    }
    let body = payload::write(hub, endpoint, &content, &row.idempotency_key).await?;
    content.body = Some(body.clone());
    let sealed = Set(Some(parcel::seal(hub, &content)));
    let kept = delivery::ActiveModel { id: Set(row.id), payload_sealed: sealed, ..Default::default() };
    kept.update(&hub.database.write).await?;
    Ok(body)
}

fn headers(hub: &Hub, endpoint: &webhook::Model, row: &delivery::Model, body: &str) -> Result<HeaderMap, Error> {
    let now = hub.clock.now();
    let previous = endpoint.previous_secret_sealed.as_ref();
    let previous = previous.filter(|_| endpoint.previous_secret_until.is_some_and(|until| until > now));
    let sealed = std::iter::once(&endpoint.secret_sealed).chain(previous);
    let secrets =
        sealed.map(|sealed| secret::open(hub, sealed)).collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    let timestamp = now.timestamp();
    let signature = secret::sign(&secrets, &row.idempotency_key, timestamp, body);
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", value(&row.idempotency_key)?);
    headers.insert("webhook-timestamp", HeaderValue::from(timestamp));
    headers.insert("webhook-signature", value(&signature)?);
    Ok(headers)
}
