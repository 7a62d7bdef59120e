//! What a subsidiary does as long as it runs: it tells its hub that it is alive. It must not know the hub's database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::join::{JoinError, Message, ask, refusal};
use crate::hub::Hub;

/// A lease lives through three that get lost.
const EVERY: Duration = Duration::from_secs(20);
const RENEW: &str =
    "mutation($input:RenewSourceLeaseInput!){renewSourceLease(input:$input){leaseExpiresAt errors{message}}}";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    renew_source_lease: Renewed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renewed {
    lease_expires_at: Option<DateTime<Utc>>,
    errors: Vec<Message>,
}

/// Renews the lease again and again, if the settings name a hub and a token.
pub async fn keep_alive(hub: Hub) {
    let settings = &hub.settings.heartbeat;
    let (Some(address), Some(token)) = (&settings.hub, &settings.token) else { return };
    loop {
        if let Err(error) = renew_lease(address, token.expose(), hub.instance).await {
            tracing::warn!(%error, "the hub is not told that this instance is alive");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Renews the lease of the company of a token; answers until when it counts as alive.
///
/// # Errors
/// The hub is out of reach, is no hub, or refuses.
pub async fn renew_lease(hub: &str, token: &str, instance: Uuid) -> Result<DateTime<Utc>, JoinError> {
    let input = json!({ "instance": instance });
    let renewed = ask::<Data>(hub, Some(token), RENEW, &input).await?.renew_source_lease;
    refusal(&renewed.errors)?;
    renewed.lease_expires_at.ok_or(JoinError::NoHub)
}
