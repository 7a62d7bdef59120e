//! How calls to one source went lately; the time is passed in. It must not know what was called.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// How far back figures look.
const WINDOW: Duration = Duration::from_mins(5);
/// Most calls that are remembered.
const CALLS: usize = 1_000;
/// Fewest good calls that say how long one takes.
const ENOUGH: usize = 20;

/// Calls of the last five minutes.
#[derive(Clone, Debug, Default)]
pub struct Health {
    calls: VecDeque<Finished>,
    last_error: Option<String>,
    last_seen_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Finished {
    at: Instant,
    took: Duration,
    is_failed: bool,
}

/// What `SourceHealth` shows, apart from the breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthFigures {
    /// Median time of good calls, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 95th percentile of good calls, in milliseconds.
    pub p95_ms: Option<f64>,
    /// Share of failed calls, 0 to 1.
    pub error_rate: f64,
    pub last_error: Option<String>,
    /// Last good answer.
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl Health {
    /// Notes a call; `error` says why it failed.
    pub fn note(&mut self, at: Instant, took: Duration, error: Option<String>, now: DateTime<Utc>) {
        if self.calls.len() == CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(Finished { at, took, is_failed: error.is_some() });
        match error {
            Some(error) => self.last_error = Some(error),
            None => self.last_seen_at = Some(now),
        }
    }

    /// The 95th percentile of good calls, once enough of them are known.
    #[must_use]
    pub fn slow(&self, now: Instant) -> Option<Duration> {
        let recent = self.calls.iter().filter(|call| !call.is_failed && now.duration_since(call.at) <= WINDOW);
        let mut good: Vec<Duration> = recent.map(|call| call.took).collect();
        let place = (good.len() * 95).div_ceil(100).checked_sub(1)?;
        (good.len() >= ENOUGH).then(|| *good.select_nth_unstable(place).1)
    }

    /// Figures at an instant.
    #[must_use]
    pub fn figures(&self, now: Instant) -> HealthFigures {
        let recent = || self.calls.iter().filter(|call| now.duration_since(call.at) <= WINDOW);
        let mut good: Vec<Duration> = recent().filter(|call| !call.is_failed).map(|call| call.took).collect();
        good.sort_unstable();
        let all = recent().count();
        let percentile = |percent: usize| {
            let index = (good.len() * percent).div_ceil(100).saturating_sub(1);
            good.get(index).map(|took| took.as_secs_f64() * 1_000.0)
        };
        let share = |part: usize| {
            let [part, all] = [part, all].map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
            if all == 0.0 { 0.0 } else { part / all }
        };
        HealthFigures {
            p50_ms: percentile(50),
            p95_ms: percentile(95),
            error_rate: share(all - good.len()),
            last_error: self.last_error.clone(),
            last_seen_at: self.last_seen_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_last_five_minutes() {
        let start = Instant::now();
        let now = DateTime::UNIX_EPOCH;
        let mut health = Health::default();
        assert_eq!(health.figures(start).p50_ms, None);
        assert!(health.figures(start).error_rate.abs() < f64::EPSILON);
        health.note(start, Duration::from_secs(9), None, now);
        let later = start + Duration::from_mins(6);
        for milliseconds in 1..=99 {
            health.note(later, Duration::from_millis(milliseconds), None, now);
        }
        health.note(later, Duration::from_secs(2), Some("no answer".into()), now);
        let figures = health.figures(later);
        assert_eq!((figures.p50_ms, figures.p95_ms), (Some(50.0), Some(95.0)));
        assert!((figures.error_rate - 0.01).abs() < 1e-9);
        assert_eq!(figures.last_error.as_deref(), Some("no answer"));
        assert_eq!(figures.last_seen_at, Some(now));
        assert_eq!(health.slow(later), Some(Duration::from_millis(95)));
        assert_eq!(health.slow(later + Duration::from_mins(6)), None);
    }
}
