//! Numbers that the hub hands out to rows whose own keys are no numbers, as far as this process knows them.
//! It must not know where they are kept.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

use futures_util::future::BoxFuture;

/// Most numbers that are kept in memory for a source; they are read anew beyond.
const MOST: usize = 200_000;

/// Finds or hands out numbers: type and foreign keys to number, for one source.
pub type Assign<'a> = dyn Fn(i64, &'static str, Vec<String>) -> BoxFuture<'a, Option<HashMap<String, i32>>> + Sync + 'a;

/// Numbers of one source by type and foreign key.
#[derive(Debug, Default)]
pub struct Numbers(RwLock<HashMap<&'static str, HashMap<String, i32>>>);

impl Numbers {
    /// The number of a foreign key; none if it is not known here.
    #[must_use]
    pub fn get(&self, of: &'static str, key: &str) -> Option<i32> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(of)?.get(key).copied()
    }

    /// Those of the keys that are not known here.
    #[must_use]
    pub fn unknown(&self, of: &'static str, keys: BTreeSet<String>) -> Vec<String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(of);
        keys.into_iter().filter(|key| !known.is_some_and(|known| known.contains_key(key))).collect()
    }

    /// Keeps what was found.
    pub fn learn(&self, of: &'static str, found: HashMap<String, i32>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(of).or_default();
        if known.len() + found.len() > MOST {
            known.clear();
        }
        known.extend(found);
    }
}
