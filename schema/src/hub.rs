//! What resolvers can reach, in one place. It must not decide anything.

use std::{fmt, ops::Deref, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use crate::{
    database::Database, directory::Directory, events::Events, federation::Federation, files::Files, global::Companies,
    identity::Identity, mail::Mailer, outside::Outside, performance::Performance, sealing::Sealing, settings::Settings,
};

/// A running instance; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Whole>);

struct Whole {
    parts: Parts,
    companies: Companies,
    performance: Performance,
}

/// The parts of an instance.
pub struct Parts {
    pub database: Database,
    /// Goes into every global id, so that ids are unique over all companies.
    pub instance: Uuid,
    pub settings: Settings,
    pub events: Events,
    pub files: Files,
    pub clock: Clock,
    pub directory: Directory,
    pub sealing: Sealing,
    pub identity: Identity,
    pub mailer: Mailer,
    pub federation: Federation,
    pub outside: Outside,
}

impl Deref for Hub {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

impl Hub {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Whole { parts, companies: Companies::default(), performance: Performance::default() }))
    }

    /// How fast the interfaces of other systems answer.
    #[must_use]
    pub fn performance(&self) -> &Performance {
        &self.0.performance
    }

    /// The companies as global fields name them.
    #[must_use]
    pub fn companies(&self) -> &Companies {
        &self.0.companies
    }
}

/// Where the time comes from; tests set it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({})", self.now())
    }
}

impl Clock {
    /// The clock of the machine, in milliseconds: finer parts would not survive every database.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
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
