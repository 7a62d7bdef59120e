//! Credentials that were read a moment ago: an app that asks ten things at once is looked up once. What a process
//! changes or hears of holds at once, everything else after at most `LIFE`. It must not know whether a credential is
//! good: that is decided anew for each request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{authenticate::Credential, tokens::Claims};

/// How long a credential counts as just read.
const LIFE: TimeDelta = TimeDelta::seconds(1);
/// Credentials kept at most; beyond it they are read anew.
const MOST: usize = 10_000;

/// What was read of a credential.
#[derive(Clone)]
pub(super) struct Found {
    pub rows: Arc<[Credential]>,
    /// Of a signed token whose signature was right.
    pub claims: Option<Arc<Claims>>,
}

/// When something was read: what changes credentials counts up the one, the other passes.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub changes: u64,
    pub at: DateTime<Utc>,
}

impl Moment {
    fn covers(self, now: Self) -> bool {
        self.changes == now.changes && now.at - self.at < LIFE
    }
}

/// Credentials by the hash of their text.
#[derive(Clone, Default)]
pub(super) struct Recent(Arc<Mutex<HashMap<String, (Moment, Found)>>>);

impl Recent {
    pub fn get(&self, hash: &str, now: Moment) -> Option<Found> {
        let kept = self.0.lock().expect("no panic while remembering");
        kept.get(hash).filter(|(read, _)| read.covers(now)).map(|(_, found)| found.clone())
    }

    /// Keeps what was read; `since` is the moment before reading.
    pub fn keep(&self, hash: String, since: Moment, found: Found) {
        let mut kept = self.0.lock().expect("no panic while remembering");
        if kept.len() >= MOST {
            kept.retain(|_, (read, _)| read.covers(since));
        }
        if kept.len() < MOST {
            kept.insert(hash, (since, found));
        }
    }
}
