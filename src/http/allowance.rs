//! How many requests a caller may send: a bucket for each caller that fills up again within a minute, told in the
//! fields of draft-ietf-httpapi-ratelimit-headers. It must not know what the requests are.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

use super::caller::Caller;
use crate::config::Limits;

const WINDOW_SECONDS: u32 = 60;
/// Full buckets are forgotten after so many requests.
const CLEAN_EVERY: u32 = 10_000;
/// Tells the quota.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Tells what is left of it.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

type Buckets = RateLimiter<Caller, HashMapStateStore<Caller>, DefaultClock, StateInformationMiddleware>;

/// The buckets of all callers.
pub struct Allowances {
    people: Option<Buckets>,
    machines: Option<Buckets>,
    anonymous: Option<Buckets>,
    taken: AtomicU32,
}

/// What is left to a caller after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    quota: u32,
    left: u32,
    /// Seconds until there is more: all of it if some is left, else one request.
    wait: u64,
}

impl Allowances {
    /// From the settings; 0 is no limit.
    pub fn new(limits: &Limits) -> Self {
        let buckets = |per_minute| {
            let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
            Some(RateLimiter::hashmap(quota).with_middleware())
        };
        Self {
            people: buckets(limits.requests_per_minute),
            machines: buckets(limits.machine_requests_per_minute),
            anonymous: buckets(limits.anonymous_requests_per_minute),
            taken: AtomicU32::new(0),
        }
    }

    /// Takes one request out of the caller's bucket; none is returned where there is no limit.
    ///
    /// # Errors
    /// The bucket is empty.
    pub fn take(&self, caller: Caller) -> Result<Option<Standing>, Standing> {
        let buckets = match caller {
            Caller::Staff(_) => &self.people,
            Caller::Token(_) => &self.machines,
            Caller::Address(_) => &self.anonymous,
        };
        let Some(buckets) = buckets else { return Ok(None) };
        if self.taken.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            buckets.retain_recent();
        }
        match buckets.check_key(&caller) {
            Ok(state) => {
                let (quota, left) = (state.quota().burst_size().get(), state.remaining_burst_capacity());
                let wait = u64::from(quota - left) * u64::from(WINDOW_SECONDS);
                Ok(Some(Standing { quota, left, wait: wait.div_ceil(quota.into()) }))
            }
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                Err(Standing { quota: refused.quota().burst_size().get(), left: 0, wait })
            }
        }
    }
}

impl Standing {
    /// Seconds to wait.
    pub fn wait(self) -> u64 {
        self.wait
    }

    /// Tells the caller.
    pub fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"default\";q={};w={WINDOW_SECONDS}", self.quota);
        let limit = format!("\"default\";r={};t={}", self.left, self.wait);
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            headers.insert(name, HeaderValue::from_str(&text).expect("numbers are plain"));
        }
        if self.left == 0 {
            headers.entry(header::RETRY_AFTER).or_insert(self.wait.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_for_one_caller() {
        let limits = Limits { requests_per_minute: 2, anonymous_requests_per_minute: 0, ..Limits::default() };
        let allowances = Allowances::new(&limits);
        assert_eq!(allowances.take(Caller::Staff(1)), Ok(Some(Standing { quota: 2, left: 1, wait: 30 })));
        assert!(allowances.take(Caller::Staff(1)).is_ok());
        let refused = allowances.take(Caller::Staff(1)).unwrap_err();
        assert!((1..=31).contains(&refused.wait()), "{refused:?}");
        assert!(allowances.take(Caller::Staff(2)).is_ok());
        assert_eq!(allowances.take(Caller::Address(None)), Ok(None));
        let hub = allowances.take(Caller::Token(1)).expect("machines have a bucket of their own");
        assert_eq!(hub.map(|standing| standing.quota), Some(600_000));
        let mut headers = HeaderMap::new();
        refused.tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=2;w=60");
        assert!(headers.contains_key("retry-after"));
    }
}
