//! Credentials that were read a moment ago: an app that asks ten things at once is looked up once. Changes made by
//! this process are seen at once, those of another replica after at most `LIFE`. It must not know whether a
//! credential is good: that is decided anew for each request.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
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

/// Credentials by the hash of their text.
#[derive(Clone, Default)]
pub(super) struct Recent(Arc<Memory>);

#[derive(Default)]
struct Memory {
    found: Mutex<HashMap<String, (DateTime<Utc>, Found)>>,
    /// Raised whenever something changes, so that what was read before is not kept afterwards.
    generation: AtomicU64,
}

impl Recent {
    pub fn get(&self, hash: &str, now: DateTime<Utc>) -> Option<Found> {
        let found = self.0.found.lock().expect("no panic while remembering");
        found.get(hash).filter(|(read, _)| now - *read < LIFE).map(|(_, found)| found.clone())
    }

    /// To be asked before reading.
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// Keeps what was read now, since the generation.
    pub fn keep(&self, hash: String, generation: u64, now: DateTime<Utc>, found: Found) {
        let mut memory = self.0.found.lock().expect("no panic while remembering");
        if memory.len() >= MOST {
            memory.retain(|_, (read, _)| now - *read < LIFE);
        }
        if memory.len() < MOST && generation == self.generation() {
            memory.insert(hash, (now, found));
        }
    }

    /// Everything is read anew.
    pub fn forget(&self) {
        let mut memory = self.0.found.lock().expect("no panic while remembering");
        self.0.generation.fetch_add(1, Ordering::Release);
        memory.clear();
    }
}
