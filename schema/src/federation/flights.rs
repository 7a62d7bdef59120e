//! Calls under way, shared by all who ask the very same at the same time. It must not know what a call is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use sha2::{Digest, Sha256};

use super::question::Fault;

/// What the other side sees of a call, in one number.
pub type Fingerprint = [u8; 32];

/// The body of an answer, or why there is none.
pub type Outcome = Result<Arc<String>, Fault>;

/// A call that several may wait for; it ends when nobody does.
pub type Flight = Shared<Call>;

type Call = BoxFuture<'static, Outcome>;

/// All calls under way.
#[derive(Clone, Debug, Default)]
pub struct Flights(Arc<Mutex<HashMap<Fingerprint, WeakShared<Call>>>>);

/// The fingerprint of everything that the other side sees; no two lists of parts have the same.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> Fingerprint {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

impl Flights {
    fn flights(&self) -> MutexGuard<'_, HashMap<Fingerprint, WeakShared<Call>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call under way with this fingerprint.
    #[must_use]
    pub fn find(&self, fingerprint: &Fingerprint) -> Option<Flight> {
        self.flights().get(fingerprint)?.upgrade()
    }

    /// Starts a call that others may join until it ends, or until nobody waits for it any more.
    pub fn start(&self, fingerprint: Fingerprint, call: impl Future<Output = Outcome> + Send + 'static) -> Flight {
        let landing = Landing { flights: self.clone(), fingerprint };
        let call = async move {
            let outcome = call.await;
            // Nobody joins once there is an outcome.
            drop(landing);
            outcome
        };
        let flight = call.boxed().shared();
        if let Some(handle) = flight.downgrade() {
            self.flights().insert(fingerprint, handle);
        }
        flight
    }
}

/// Takes a call off the list, also if it is given up.
struct Landing {
    flights: Flights,
    fingerprint: Fingerprint,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.flights().remove(&self.fingerprint);
    }
}
