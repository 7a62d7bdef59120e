//! Answers of sources that may be used again for a while, and later in place of none at all.
//! It must not know what they hold.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::flights::Fingerprint;

/// Bodies by what the source was sent.
#[derive(Clone, Debug)]
pub struct AnswerCache {
    answers: Cache<Fingerprint, Kept>,
    /// How much longer than its time an answer may stand in for a failed call.
    stale: Duration,
}

/// An answer and when it was read.
#[derive(Clone, Debug)]
pub struct Kept {
    pub body: Arc<String>,
    pub at: DateTime<Utc>,
}

/// What an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Instead of a call.
    Fresh,
    /// If the call fails.
    Stale,
}

impl AnswerCache {
    /// With room for so many bytes.
    #[must_use]
    pub fn new(bytes: u64, stale: Duration) -> Self {
        let weigh = |_: &Fingerprint, kept: &Kept| u32::try_from(kept.body.capacity() + 128).unwrap_or(u32::MAX);
        Self { answers: Cache::builder().max_capacity(bytes).weigher(weigh).build(), stale }
    }

    /// An answer that may be used so at an instant; `life` is how long answers of its source are fresh.
    #[must_use]
    pub fn find(&self, fingerprint: &Fingerprint, used: Use, life: Duration, now: DateTime<Utc>) -> Option<Kept> {
        let kept = self.answers.get(fingerprint)?;
        let age = (now - kept.at).to_std().unwrap_or_default();
        let most = match used {
            Use::Fresh => life,
            Use::Stale => life + self.stale,
        };
        (age < most).then_some(kept)
    }

    /// Keeps a good answer.
    pub fn keep(&self, fingerprint: Fingerprint, body: Arc<String>, at: DateTime<Utc>) {
        self.answers.insert(fingerprint, Kept { body, at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_fresh_then_stale_then_gone() {
        let cache = AnswerCache::new(10_000, Duration::from_mins(1));
        let start = DateTime::UNIX_EPOCH;
        cache.keep([0; 32], Arc::new("{}".to_owned()), start);
        let table = [(0, true, true), (9, true, true), (10, false, true), (69, false, true), (70, false, false)];
        for (seconds, is_fresh, is_stale) in table {
            let now = start + Duration::from_secs(seconds);
            let found = |used| cache.find(&[0; 32], used, Duration::from_secs(10), now).is_some();
            assert_eq!((found(Use::Fresh), found(Use::Stale)), (is_fresh, is_stale), "after {seconds} s");
        }
        assert!(cache.find(&[1; 32], Use::Stale, Duration::from_secs(10), start).is_none());
    }
}
