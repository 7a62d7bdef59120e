//! What resolvers can reach, in one place. It must not decide anything.

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use crate::{database::Database, events::Events, files::Files, settings::Settings};

/// A running instance; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Parts>);

/// The parts of an instance.
pub struct Parts {
    pub database: Database,
    /// Goes into every global id, so that ids are unique over all companies.
    pub instance: Uuid,
    pub settings: Settings,
    pub events: Events,
    pub files: Files,
    pub clock: Clock,
}

impl Deref for Hub {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Hub {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// Where the time comes from; tests set it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The clock of the machine, in milliseconds: finer parts would not survive every database.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|| Utc::now().trunc_subsecs(3)))
    }

    /// A clock that a test moves.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The instant that counts as now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}
