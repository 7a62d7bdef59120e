//! Access tokens of the system of record: a token that this hub does not know is shown to the instance of the head
//! office, and what it says is kept for a minute. It must not know what callers do.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use groupgraph_rest_compat::failure::Failure;
use groupgraph_schema::{
    halopsa,
    hub::Hub,
    lead_import::settings::ImportSettings,
    viewer::{Permissions, Reach, Viewer},
};
use sha2::{Digest, Sha256};

/// How long the word of the instance holds.
const KEPT: Duration = Duration::from_mins(1);
/// Tokens that are remembered.
const MOST: usize = 10_000;

/// What whoever has a token of the instance may do.
const PERMISSIONS: [&str; 13] = [
    "analytics.read",
    "crm.all_prospects",
    "crm.prospects",
    "deals.read",
    "deals.write",
    "errors.read",
    "leads.all",
    "leads.read",
    "leads.write",
    "prospects.write",
    "settings.read",
    "settings.write",
    "webhooks.manage",
];

/// What is known of tokens, by their hashes.
pub struct InstanceTokens {
    client: halopsa::Client,
    known: Mutex<HashMap<[u8; 32], (bool, Instant)>>,
}

impl InstanceTokens {
    /// None are known yet.
    #[must_use]
    pub fn new(hub: &Hub) -> Self {
        Self { client: halopsa::Client::new(&hub.settings.halopsa), known: Mutex::default() }
    }

    /// Who has the token; none if the instance does not know it, or is not to be asked.
    ///
    /// # Errors
    /// The instance does not answer.
    pub async fn viewer(&self, hub: &Hub, token: &str) -> Result<Option<Viewer>, Failure> {
        if !hub.settings.halopsa.accepts_instance_tokens {
            return Ok(None);
        }
        let Some(tenant) = hub.directory.head_office() else { return Ok(None) };
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).copied();
        let is_known = match kept.filter(|(_, at)| at.elapsed() < KEPT) {
            Some((is_known, _)) => is_known,
            None => self.ask(hub, (tenant, token), hash).await?,
        };
        Ok(is_known.then(|| viewer(tenant, hash)))
    }

    async fn ask(&self, hub: &Hub, (tenant, token): (i64, &str), hash: [u8; 32]) -> Result<bool, Failure> {
        let failed = |_| Failure::new("UPSTREAM_FAILED", "HaloPSA does not answer.");
        let settings = ImportSettings::load(&hub.database.read, tenant).await.map_err(|error| {
            tracing::error!(%error, "settings cannot be read");
            Failure::new("INTERNAL", "Something went wrong.")
        })?;
        let Some(instance) = settings.instance_url else { return Ok(false) };
        let is_known = self.client.knows(&instance, token).await.map_err(failed)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (_, at)| at.elapsed() < KEPT);
        }
        known.insert(hash, (is_known, Instant::now()));
        Ok(is_known)
    }
}

/// A machine of the head office; its number is that of no token of this hub, and the same for the same token.
fn viewer(tenant: i64, hash: [u8; 32]) -> Viewer {
    let first: [u8; 8] = std::array::from_fn(|place| hash[place]);
    let number = i64::from_be_bytes(first) & i64::MAX;
    Viewer {
        token: Some(-number.max(1)),
        tenant: Some(tenant),
        tenants: Reach::Some(vec![tenant]),
        permissions: Permissions::Words(PERMISSIONS.iter().map(|word| (*word).to_owned()).collect()),
        ..Viewer::default()
    }
}
