//! The sources as they are now: read from the database, kept in memory, with what only this process knows of them.
//! It must not know how they are asked.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use groupgraph_entities::{source, source_collection};
use sea_orm::{DbErr, EntityTrait, QueryOrder};
use tokio::sync::Semaphore;

use super::{
    breaker::{Breaker, BreakerState},
    budget::Budget,
    collection::Collection,
    condition::Condition,
    contract::CollectionState,
    flights::{Fingerprint, fingerprint},
    health::{Health, HealthFigures},
    mapping::{Mapping, MappingText, Paging, numbers::Numbers},
    meters::Meters,
};
use crate::{database::Database, sealing::Sealing, settings::Secret};

/// What credentials of sources are sealed for.
pub const CREDENTIAL_PURPOSE: &str = "source credential";
/// Calls after which it is worked out anew how long they take.
const CALLS_PER_LOOK: u32 = 32;

/// Where and how a source is reached.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub url: String,
    /// Bearer token of the hub's calls.
    pub credential: Secret,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Largest answer that is read, after unpacking.
    pub max_answer_bytes: usize,
    /// How long an answer may be used again.
    pub cache: Duration,
}

impl Endpoint {
    /// What is the same only for calls that may share an answer: the body, and for whom it is sent.
    #[must_use]
    pub fn fingerprint(&self, subject: &str, body: &[u8]) -> Fingerprint {
        fingerprint(&[self.url.as_bytes(), self.credential.expose().as_bytes(), subject.as_bytes(), body])
    }
}

/// A source.
#[derive(Debug)]
pub struct Source {
    pub number: i64,
    pub tenant: i64,
    pub name: String,
    pub instance: Option<String>,
    /// Word of `SourceMode`.
    pub mode: String,
    /// Word of `SourceState`.
    pub state: String,
    pub lease_expires_at: Option<DateTime<Utc>>,
    /// None for the hub's own rows, or if the credential cannot be opened.
    pub endpoint: Option<Endpoint>,
    /// Of a thousand sources most answer for the same, which is kept once.
    pub collections: HashMap<Collection, Arc<CollectionState>>,
    /// For a source with a schema of its own.
    pub mappings: HashMap<Collection, Arc<Mapping>>,
    pub live: Arc<Live>,
}

/// What a process learns of a source by calling it; survives changes of the source that are none of its address.
pub struct Live {
    breaker: Mutex<Breaker>,
    health: Mutex<Health>,
    /// Calls that may start now.
    pub permits: Arc<Semaphore>,
    /// Numbers that the hub has handed out to rows of the source.
    pub numbers: Arc<Numbers>,
    max_concurrency: usize,
    /// Calls that may be made again.
    pub retries: Budget,
    /// Calls that may be made a second time before the first has ended.
    pub hedges: Budget,
    /// 95th percentile of good calls in microseconds; 0 is unknown.
    slow: AtomicU64,
    notes: AtomicU32,
    meters: OnceLock<Meters>,
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Live").field("breaker", &*self.breaker()).finish_non_exhaustive()
    }
}

impl Live {
    /// Nothing known yet.
    #[must_use]
    pub fn new(max_concurrency: usize) -> Self {
        Self {
            breaker: Mutex::default(),
            health: Mutex::default(),
            permits: Arc::new(Semaphore::new(max_concurrency)),
            numbers: Arc::default(),
            max_concurrency,
            retries: Budget::new(1),
            hedges: Budget::new(0),
            slow: AtomicU64::new(0),
            notes: AtomicU32::new(0),
            meters: OnceLock::new(),
        }
    }

    pub(super) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call; `error` says why it failed.
    pub(super) fn note(&self, took: Duration, error: Option<String>, now: DateTime<Utc>) {
        let at = Instant::now();
        let mut health = self.health();
        health.note(at, took, error, now);
        if self.notes.fetch_add(1, Ordering::Relaxed).is_multiple_of(CALLS_PER_LOOK) {
            let slow = health.slow(at).map_or(0, |slow| u64::try_from(slow.as_micros()).unwrap_or(u64::MAX));
            self.slow.store(slow, Ordering::Relaxed);
        }
    }

    /// Notes how a probe went: how long to wait before the next one; none if calls pass again.
    pub(super) fn note_probe(&self, is_back: bool) -> Option<Duration> {
        let (now, mut breaker) = (Instant::now(), self.breaker());
        let pause = if is_back {
            breaker.probe_succeeded();
            None
        } else {
            Some(breaker.probe_failed(now))
        };
        if let Some(meters) = self.meters.get() {
            meters.note_breaker(breaker.state(now));
        }
        pause
    }

    /// How long a call may take before it is unusually slow; none if that is not known.
    #[must_use]
    pub fn slow(&self) -> Option<Duration> {
        match self.slow.load(Ordering::Relaxed) {
            0 => None,
            microseconds => Some(Duration::from_micros(microseconds)),
        }
    }

    /// What `SourceHealth` shows.
    #[must_use]
    pub fn figures(&self) -> (HealthFigures, BreakerState) {
        let now = Instant::now();
        (self.health().figures(now), self.breaker().state(now))
    }
}

/// All sources, by company.
#[derive(Debug, Default)]
pub struct Registry(RwLock<Arc<Vec<Arc<Source>>>>);

impl Registry {
    /// The sources as of now.
    #[must_use]
    pub fn sources(&self) -> Arc<Vec<Arc<Source>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A source by number.
    #[must_use]
    pub fn source(&self, number: i64) -> Option<Arc<Source>> {
        self.sources().iter().find(|source| source.number == number).cloned()
    }

    /// Puts these sources in place of all others.
    pub fn replace(&self, mut sources: Vec<Source>) {
        sources.sort_by_key(|source| source.tenant);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sources.into_iter().map(Arc::new).collect());
    }

    /// Reads all sources anew.
    ///
    /// # Errors
    /// The database cannot be read; the sources stay as they were.
    pub async fn reload(&self, database: &Database, sealing: &Sealing) -> Result<(), DbErr> {
        let rows = source::Entity::find().order_by_asc(source::Column::TenantId).all(&database.read).await?;
        let known = self.sources();
        let mut states: HashSet<_> = known.iter().flat_map(|source| source.collections.values().cloned()).collect();
        let mut collections: HashMap<i64, HashMap<_, _>> = HashMap::new();
        // One by one: there are a dozen for each source.
        let mut stored = source_collection::Entity::find().stream(&database.read).await?;
        while let Some(row) = stored.try_next().await? {
            if let Some(state) = collection_state(&row) {
                let state = shared(&mut states, state);
                collections.entry(row.source_id).or_default().insert(state.collection, state);
            }
        }
        let sources = rows.into_iter().map(|row| {
            let offered = collections.remove(&row.id).unwrap_or_default();
            let before = known.iter().find(|source| source.number == row.id);
            source(row, offered, before, sealing)
        });
        self.replace(sources.collect());
        Ok(())
    }
}

fn source(
    row: source::Model,
    collections: HashMap<Collection, Arc<CollectionState>>,
    before: Option<&Arc<Source>>,
    sealing: &Sealing,
) -> Source {
    let max_concurrency = usize::try_from(row.max_concurrency).unwrap_or(1).max(1);
    let mappings = collections.values().filter_map(|state| Some((state.collection, mapping(&row, state, before)?)));
    let mappings = mappings.collect();
    let live = before.filter(|source| source.url() == row.endpoint.as_deref()).map(|source| source.live.clone());
    let live = live.filter(|live| live.max_concurrency == max_concurrency);
    Source {
        endpoint: endpoint(&row, sealing),
        number: row.id,
        tenant: row.tenant_id,
        name: row.name,
        instance: row.instance,
        mode: row.mode,
        state: row.state,
        lease_expires_at: row.lease_expires_at,
        collections,
        mappings,
        live: live.unwrap_or_else(|| Arc::new(Live::new(max_concurrency))),
    }
}

/// Where a row says that its source is reached; none if it says nothing, or its credential does not open.
#[must_use]
pub fn endpoint(row: &source::Model, sealing: &Sealing) -> Option<Endpoint> {
    let sealed = row.credential_sealed.as_ref()?;
    let opened = sealing.open(CREDENTIAL_PURPOSE, sealed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if opened.is_none() {
        tracing::error!(source = row.name, "the credential of the source cannot be opened with this secret");
    }
    Some(Endpoint {
        url: row.endpoint.clone()?,
        credential: Secret::new(opened?),
        timeout: Duration::from_millis(u64::try_from(row.timeout_ms).unwrap_or(0)),
        max_answer_bytes: usize::try_from(row.max_answer_bytes).unwrap_or(0),
        cache: Duration::from_secs(u64::try_from(row.cache_seconds).unwrap_or(0)),
    })
}

/// The mapping of a collection; the one that is known if it has not changed.
fn mapping(row: &source::Model, state: &Arc<CollectionState>, before: Option<&Arc<Source>>) -> Option<Arc<Mapping>> {
    let text = state.mapping.as_ref()?;
    let known = before.filter(|source| source.collections.get(&state.collection) == Some(state));
    if let Some(known) = known.and_then(|source| source.mappings.get(&state.collection)) {
        return Some(known.clone());
    }
    let read = Mapping::read(state.collection, text.clone()).map(|mut mapping| {
        mapping.keep_orders(&state.orderable_fields);
        Arc::new(mapping)
    });
    read.inspect_err(|fault| tracing::error!(source = row.name, %fault, "a mapping cannot be read")).ok()
}

/// What is stored of a mapping.
#[must_use]
pub fn mapping_text(row: &source_collection::Model) -> Option<MappingText> {
    Some(MappingText {
        document: row.mapping_document.clone()?,
        rows_path: row.mapping_rows_path.clone()?,
        paging: Paging::from_word(&row.paging)?,
        conversions: row.mapping_conversions.clone().unwrap_or_default(),
    })
}

/// The one that is equal, if it is known.
fn shared(states: &mut HashSet<Arc<CollectionState>>, state: CollectionState) -> Arc<CollectionState> {
    states.get(&state).cloned().unwrap_or_else(|| {
        let state = Arc::new(state);
        states.insert(state.clone());
        state
    })
}

fn collection_state(row: &source_collection::Model) -> Option<CollectionState> {
    let words = |json: &serde_json::Value| serde_json::from_value(json.clone()).unwrap_or_default();
    Some(CollectionState {
        collection: Collection::from_word(&row.collection)?,
        is_offered: row.is_offered,
        missing_fields: words(&row.missing_fields),
        filterable_fields: words(&row.filterable_fields),
        orderable_fields: words(&row.orderable_fields),
        paging: Paging::from_word(&row.paging).map_or("KEYSET", Paging::word),
        message: row.message.clone(),
        mapping: mapping_text(row),
    })
}

impl Source {
    /// Whether it is this hub's own rows.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.mode == "LOCAL"
    }

    /// Whether it has a schema of its own.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.mode == "MAPPED"
    }

    fn url(&self) -> Option<&str> {
        self.endpoint.as_ref().map(|endpoint| endpoint.url.as_str())
    }

    /// What Prometheus is told of it.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        self.live.meters.get_or_init(|| Meters::of(&self.name))
    }

    /// Why it is not asked for a collection in an order and under a condition, if it is not: code and sentence.
    #[must_use]
    pub fn refusal(
        &self,
        (collection, order, condition): (Collection, &[&str], Option<&Condition>),
        now: DateTime<Utc>,
    ) -> Option<(&'static str, String)> {
        match self.state.as_str() {
            "ACTIVE" => {}
            "SUSPENDED" => return Some(("SUSPENDED", "An administrator has stopped it.".into())),
            "FAILED" => return Some(("FAILED", "Its checks fail.".into())),
            _ => return Some(("PENDING", "It is not checked yet.".into())),
        }
        if self.lease_expires_at.is_some_and(|expires_at| expires_at < now) {
            return Some(("LEASE_EXPIRED", "It has not said that it is alive.".into()));
        }
        let Some(offer) = self.collections.get(&collection).filter(|offer| offer.is_offered) else {
            return Some(("NOT_OFFERED", "It does not answer for this collection.".into()));
        };
        if self.is_mapped() {
            // What it cannot order or filter, the hub may.
            return None;
        }
        if let Some(unable) = order.iter().find(|field| !offer.orderable_fields.iter().any(|able| able == *field)) {
            return Some(("ORDER_NOT_OFFERED", format!("It cannot order by {unable}.")));
        }
        // It applies its filter itself, and counts by it.
        let unable = condition.filter(|_| !self.is_local())?.outside(&offer.filterable_fields)?;
        Some(("FILTER_NOT_OFFERED", format!("It cannot be filtered by {unable}.")))
    }
}
