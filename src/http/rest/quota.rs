//! Documented quotas of older systems: so many calls of one credential in an hour, so many of one kind at the same
//! time, told in their `X-RateLimit` headers. All replicas count together. It must not know what is called.

use axum::http::{HeaderMap, HeaderName, header};
use chrono::TimeDelta;
use groupgraph_rest_compat::{
    endpoint::Endpoint,
    failure::{Failure, INTERNAL},
};
use groupgraph_schema::quota::{self, Slot, Standing};

use super::{Mounted, Stop};
use crate::http::{App, caller::Caller};

/// What is left of a quota.
pub type Left = Standing;

const HOUR: i64 = 3_600;
/// The quota of a whole system.
const ALL: &str = "all";

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What a call has used, as long as it runs.
#[derive(Default)]
pub struct Used {
    /// Of the quota of the whole system.
    pub standing: Option<Standing>,
    /// Given back when the call ends.
    slot: Option<Slot>,
}

/// Uses the quotas of an endpoint for a caller.
///
/// # Errors
/// One is used up, or too much is going on.
pub async fn take(
    app: &App,
    mounted: &Mounted<'_>,
    endpoint: &Endpoint,
    caller: Caller,
) -> Result<Used, (Stop, Option<Standing>)> {
    let settings = &mounted.system.settings;
    let name = &mounted.system.name;
    let now = app.hub.clock.now();
    let mut used = Used::default();
    let own = endpoint.quota.as_ref().and_then(|table| Some((table.as_str(), settings.quotas.get(table)?)));
    let all = settings.quotas.get(ALL).map(|quota| (ALL, quota));
    for (table, quota) in all.into_iter().chain(own) {
        let Some(per_hour) = quota.per_hour else { continue };
        let scope = format!("rest {name} {table} {caller}");
        let window = (per_hour * mounted.quota_factor, HOUR);
        let standing =
            quota::take(&app.hub.database.write, now, &scope, window).await.map_err(|error| broken(&error))?;
        if table == ALL {
            used.standing = Some(standing);
        }
        if standing.is_exceeded {
            let wait = (standing.resets_at - now.timestamp()).max(1);
            return Err((refused(wait), used.standing));
        }
    }
    if let Some((table, quota)) = own
        && let Some(at_once) = quota.at_once
    {
        let scope = format!("rest {name} {}", quota.shared.as_deref().unwrap_or(table));
        let seconds = i64::try_from(app.server.request_timeout_seconds).unwrap_or(HOUR);
        let slot = Slot::take(&app.hub, &scope, at_once * mounted.quota_factor, TimeDelta::seconds(seconds * 2)).await;
        used.slot = slot.map_err(|error| broken(&error))?;
        if used.slot.is_none() {
            return Err((refused(1), used.standing));
        }
    }
    Ok(used)
}

fn refused(wait: i64) -> Stop {
    Stop { wait: Some(wait), ..vec![Failure::new("RATE_LIMITED", "Too many requests")].into() }
}

fn broken(error: &sea_orm::DbErr) -> (Stop, Option<Standing>) {
    tracing::error!(%error, "quotas cannot be counted");
    (vec![Failure::new(INTERNAL, "Something went wrong.")].into(), None)
}

/// Tells the caller, where the system has a quota.
pub fn tell(app: &App, mounted: &Mounted<'_>, standing: Option<Standing>, headers: &mut HeaderMap) {
    let per_hour = mounted.system.settings.quotas.get(ALL).and_then(|quota| quota.per_hour);
    let Some(per_hour) = per_hour else { return };
    let untouched = || quota::untouched(app.hub.clock.now(), per_hour * mounted.quota_factor, HOUR);
    let standing = standing.unwrap_or_else(untouched);
    headers.insert(LIMIT, standing.limit.into());
    headers.insert(REMAINING, standing.left.into());
    headers.insert(RESET, standing.resets_at.into());
}

/// Says how long to wait.
pub fn tell_wait(wait: Option<i64>, headers: &mut HeaderMap) {
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, wait.into());
    }
}
