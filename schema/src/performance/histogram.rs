//! How long answers took, by how many took how long. It must not know whose answers they are.

use std::time::Duration;

/// Upper bound of the first bucket, in milliseconds; the next ones grow by the fourth root of two.
const FIRST: f64 = 0.1;
const PER_DOUBLING: f64 = 4.0;
/// Buckets, up to more than a minute.
const BUCKETS: usize = 84;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub took: Duration,
    /// Status 500 and above.
    pub is_failed: bool,
    /// Of both bodies.
    pub bytes: u64,
}

/// Answers, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    pub count: u64,
    pub failed: u64,
    pub bytes: u64,
    pub microseconds: u64,
    /// Answers in each bucket.
    pub buckets: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { count: 0, failed: 0, bytes: 0, microseconds: 0, buckets: vec![0; BUCKETS] }
    }
}

impl Histogram {
    /// Adds an answer.
    pub fn add(&mut self, sample: Sample) {
        self.count += 1;
        self.failed += u64::from(sample.is_failed);
        self.bytes += sample.bytes;
        self.microseconds += u64::try_from(sample.took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(sample.took.as_secs_f64() * 1_000.0)] += 1;
    }

    /// Adds all answers of another one.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.bytes += other.bytes;
        self.microseconds += other.microseconds;
        for (own, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += more;
        }
    }

    /// Upper bound of the bucket in which a share of all answers is complete, in milliseconds.
    #[must_use]
    pub fn percentile(&self, share: f64) -> f64 {
        let wanted = as_float(self.count) * share;
        let mut seen = 0.0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += as_float(*count);
            if seen >= wanted && seen > 0.0 {
                return bound(place);
            }
        }
        0.0
    }

    /// Mean, in milliseconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        as_float(self.microseconds) / 1_000.0 / as_float(self.count.max(1))
    }

    /// Share of failed answers.
    #[must_use]
    pub fn error_rate(&self) -> f64 {
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

/// A count as a number to divide by.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_measurements() {
        let (mut slow, mut fast) = (Histogram::default(), Histogram::default());
        for millisecond in 1..=100 {
            let half = if millisecond > 50 { &mut slow } else { &mut fast };
            let took = Duration::from_millis(millisecond);
            half.add(Sample { took, is_failed: millisecond > 98, bytes: 100 });
        }
        slow.merge(&fast);
        assert_eq!((slow.count, slow.bytes, slow.failed), (100, 10_000, 2));
        assert!((slow.mean() - 50.5).abs() < 1e-9 && (slow.error_rate() - 0.02).abs() < 1e-9);
        // A bucket is at most a fifth wider than what is in it.
        for (share, exact) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)] {
            let found = slow.percentile(share);
            assert!(found >= exact && found <= exact * 1.2, "{share}: {found}");
        }
        assert!(Histogram::default().percentile(0.95).abs() < f64::EPSILON);
    }
}
