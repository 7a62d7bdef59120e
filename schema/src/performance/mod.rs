//! How fast the interfaces of other systems answer: histograms by endpoint and hour, in the memory of this process,
//! for the last day. It must not know what is asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_graphql::Value;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
};

/// Hours that are looked at.
const HOURS: i64 = 24;
/// Upper bound of the first bucket, in milliseconds; the next ones grow by the fourth root of two.
const FIRST: f64 = 0.1;
const PER_DOUBLING: f64 = 4.0;
/// Buckets, up to more than a minute.
const BUCKETS: usize = 84;

/// All measurements.
#[derive(Default)]
pub struct Performance(Mutex<HashMap<Endpoint, Vec<Hour>>>);

/// System and path template.
type Endpoint = (String, String);

/// What was measured within an hour.
#[derive(Clone, Debug)]
struct Hour {
    /// Hours since 1970.
    began: i64,
    count: u64,
    failed: u64,
    bytes: u64,
    milliseconds: f64,
    buckets: [u32; BUCKETS],
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub took: Duration,
    /// Status 500 and above.
    pub is_failed: bool,
    /// Of both bodies.
    pub bytes: u64,
}

impl Performance {
    /// Adds an answer.
    pub fn add(&self, now: DateTime<Utc>, system: &str, path: &str, sample: Sample) {
        let hour = now.timestamp().div_euclid(3_600);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hours = all.entry((system.to_owned(), path.to_owned())).or_default();
        hours.retain(|known| known.began > hour - HOURS);
        let place = hours.iter().position(|known| known.began == hour).unwrap_or_else(|| {
            hours.push(Hour::new(hour));
            hours.len() - 1
        });
        hours[place].add(sample);
    }

    /// The sums of a system's endpoints, all of them if none is named, by path.
    fn sums(&self, now: DateTime<Utc>, system: Option<&str>) -> Vec<(String, Hour)> {
        let hour = now.timestamp().div_euclid(3_600);
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = all.iter().filter(|((of, _), _)| system.is_none_or(|system| system == of));
        let mut sums: Vec<_> = wanted
            .map(|((_, path), hours)| {
                let mut sum = Hour::new(hours.iter().map(|known| known.began).min().unwrap_or(hour));
                hours.iter().filter(|known| known.began > hour - HOURS).for_each(|known| sum.merge(known));
                (path.clone(), sum)
            })
            .collect();
        sums.sort_by(|left, right| left.0.cmp(&right.0));
        sums
    }
}

impl Hour {
    fn new(hour: i64) -> Self {
        Self { began: hour, count: 0, failed: 0, bytes: 0, milliseconds: 0.0, buckets: [0; BUCKETS] }
    }

    fn add(&mut self, sample: Sample) {
        let milliseconds = sample.took.as_secs_f64() * 1_000.0;
        self.count += 1;
        self.failed += u64::from(sample.is_failed);
        self.bytes += sample.bytes;
        self.milliseconds += milliseconds;
        self.buckets[bucket(milliseconds)] += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.began = self.began.min(other.began);
        self.count += other.count;
        self.failed += other.failed;
        self.bytes += other.bytes;
        self.milliseconds += other.milliseconds;
        for (own, more) in self.buckets.iter_mut().zip(other.buckets) {
            *own += more;
        }
    }

    /// Upper bound of the bucket in which a share of all answers is complete, in milliseconds.
    fn percentile(&self, share: f64) -> f64 {
        let wanted = as_float(self.count) * share;
        let mut seen = 0.0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += f64::from(*count);
            if seen >= wanted && seen > 0.0 {
                return bound(place);
            }
        }
        0.0
    }

    fn error_rate(&self) -> f64 {
        as_float(self.failed) / as_float(self.count.max(1))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded on both sides")]
fn bucket(milliseconds: f64) -> usize {
    let place = ((milliseconds / FIRST).log2() * PER_DOUBLING).ceil().max(0.0);
    (place as usize).min(BUCKETS - 1)
}

fn bound(place: usize) -> f64 {
    FIRST * (f64::from(u32::try_from(place).unwrap_or(u32::MAX)) / PER_DOUBLING).exp2()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn as_float(count: u64) -> f64 {
    count as f64
}

fn rounded(number: f64, decimals: f64) -> f64 {
    (number * decimals).round() / decimals
}

/// The answer of query `performance`.
///
/// # Errors
/// What is selected cannot be written.
pub async fn performance(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let system = match selected.arguments.get("system") {
        Some(Value::String(system)) => Some(system.as_str()),
        _ => None,
    };
    let now = request.hub.clock.now();
    let sums = request.hub.performance().sums(now, system);
    let mut all = Hour::new(now.timestamp().div_euclid(3_600));
    for (_, sum) in &sums {
        all.merge(sum);
    }
    let minutes = as_float((now.timestamp() - all.began * 3_600).clamp(60, HOURS * 3_600).unsigned_abs()) / 60.0;
    let endpoints: Vec<_> = sums
        .iter()
        .map(|(path, sum)| json!({ "path": path, "requestCount": sum.count, "errorRate": rounded(sum.error_rate(), 1e4) }))
        .collect();
    let figures = json!({
        "averageMs": rounded(all.milliseconds / as_float(all.count.max(1)), 100.0),
        "p95Ms": rounded(all.percentile(0.95), 100.0),
        "p99Ms": rounded(all.percentile(0.99), 100.0),
        "errorRate": rounded(all.error_rate(), 1e4),
        "requestsPerMinute": rounded(as_float(all.count) / minutes, 100.0),
        "processedMegabytes": rounded(as_float(all.bytes) / 1_000_000.0, 1e4),
        "endpoints": endpoints,
    });
    value(request, selected, &figures).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(milliseconds: u64, is_failed: bool) -> Sample {
        Sample { took: Duration::from_millis(milliseconds), is_failed, bytes: 100 }
    }

    #[test]
    fn percentiles_are_those_of_the_measurements() {
        let performance = Performance::default();
        let now: DateTime<Utc> = "2026-05-19T12:00:00Z".parse().expect("an instant");
        for millisecond in 1..=100 {
            performance.add(now, "a", "/x", sample(millisecond, millisecond > 98));
        }
        performance.add(now, "b", "/y", sample(5_000, false));
        let sums = performance.sums(now, Some("a"));
        let (path, sum) = &sums[0];
        assert_eq!((path.as_str(), sum.count, sum.bytes), ("/x", 100, 10_000));
        // A bucket is at most a fifth wider than what is in it.
        for (share, exact) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)] {
            let found = sum.percentile(share);
            assert!(found >= exact && found <= exact * 1.2, "{share}: {found}");
        }
        assert!((sum.error_rate() - 0.02).abs() < 1e-9);
        assert_eq!(performance.sums(now, None).len(), 2);
    }

    #[test]
    fn a_day_later_nothing_is_left() {
        let performance = Performance::default();
        let now: DateTime<Utc> = "2026-05-19T12:00:00Z".parse().expect("an instant");
        performance.add(now, "a", "/x", sample(1, false));
        let later = now + chrono::TimeDelta::hours(HOURS + 1);
        assert_eq!(performance.sums(later, None)[0].1.count, 0);
        assert!(performance.sums(later, None)[0].1.percentile(0.95).abs() < f64::EPSILON);
    }
}
