//! How fast the interfaces of other systems answer: histograms by endpoint and hour for the last day, of all processes
//! together. It must not know what is asked.

mod histogram;
mod store;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_graphql::Value;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use self::histogram::{Histogram, as_float};
pub use self::{histogram::Sample, store::keep};
use crate::{
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
};

/// Hours that are looked at.
const HOURS: i64 = 24;

/// System, path template, and hours since 1970.
type Endpoint = (String, String, i64);

/// What this process measures.
pub struct Performance {
    process: String,
    all: Mutex<HashMap<Endpoint, Measured>>,
}

/// What was measured at an endpoint within an hour.
#[derive(Default)]
struct Measured {
    sum: Histogram,
    /// Whether the database does not know it yet.
    is_fresh: bool,
}

impl Default for Performance {
    fn default() -> Self {
        Self { process: Uuid::new_v4().to_string(), all: Mutex::default() }
    }
}

impl Performance {
    /// Adds an answer.
    pub fn add(&self, now: DateTime<Utc>, system: &str, path: &str, sample: Sample) {
        let mut all = self.all();
        let measured = all.entry((system.to_owned(), path.to_owned(), hour_of(now))).or_default();
        measured.sum.add(sample);
        measured.is_fresh = true;
    }

    fn process(&self) -> &str {
        &self.process
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Endpoint, Measured>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the database does not know yet and is about to; hours that are over for a day are forgotten.
    fn take_fresh(&self, hour: i64) -> Vec<(Endpoint, Histogram)> {
        let mut all = self.all();
        all.retain(|(_, _, measured_in), _| *measured_in > hour - HOURS);
        let fresh = |(endpoint, measured): (&Endpoint, &mut Measured)| {
            std::mem::take(&mut measured.is_fresh).then(|| (endpoint.clone(), measured.sum.clone()))
        };
        all.iter_mut().filter_map(fresh).collect()
    }

    /// The database did not take it.
    fn give_back(&self, fresh: &[(Endpoint, Histogram)]) {
        let mut all = self.all();
        for (endpoint, _) in fresh {
            if let Some(measured) = all.get_mut(endpoint) {
                measured.is_fresh = true;
            }
        }
    }
}

fn hour_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(3_600)
}

fn rounded(number: f64, decimals: f64) -> f64 {
    (number * decimals).round() / decimals
}

/// The answer of query `performance`.
///
/// # Errors
/// The database is out of reach, or what is selected cannot be written.
pub async fn performance(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let system = match selected.arguments.get("system") {
        Some(Value::String(system)) => Some(system.as_str()),
        _ => None,
    };
    store::flush(request.hub).await?;
    let measured = store::read(request.hub, system).await?;
    let now = request.hub.clock.now();
    let began = measured.iter().map(|((_, _, hour), _)| *hour).min().unwrap_or_else(|| hour_of(now));
    let (mut all, mut paths) = (Histogram::default(), BTreeMap::<String, Histogram>::new());
    for ((_, path, _), sum) in measured {
        all.merge(&sum);
        paths.entry(path).or_default().merge(&sum);
    }
    let minutes = as_float((now.timestamp() - began * 3_600).clamp(60, HOURS * 3_600).unsigned_abs()) / 60.0;
    let endpoints: Vec<_> = paths
        .iter()
        .map(|(path, sum)| json!({ "path": path, "requestCount": sum.count, "errorRate": rounded(sum.error_rate(), 1e4) }))
        .collect();
    let figures = json!({
        "averageMs": rounded(all.mean(), 100.0),
        "p95Ms": rounded(all.percentile(0.95), 100.0),
        "p99Ms": rounded(all.percentile(0.99), 100.0),
        "errorRate": rounded(all.error_rate(), 1e4),
        "requestsPerMinute": rounded(as_float(all.count) / minutes, 100.0),
        "processedMegabytes": rounded(as_float(all.bytes) / 1_000_000.0, 1e4),
        "endpoints": endpoints,
    });
    value(request, selected, &figures).await
}
