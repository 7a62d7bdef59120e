//! A circuit breaker as a plain state machine; the time is passed in. It must not know what is called.

use std::time::{Duration, Instant};

/// Consecutive failures that open it.
const FAILURES: u32 = 5;
/// How long it stays open before one call may try.
const PAUSE: Duration = Duration::from_secs(10);

/// Refuses calls to something that keeps failing.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    /// Failures since the last success.
    failures: u32,
    /// Set while it is open: when the next try is due.
    retry_at: Option<Instant>,
    is_probing: bool,
}

/// What `BreakerState` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    Open,
    HalfOpen,
}

impl BreakerState {
    /// The value of `BreakerState` in the schema.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Open => "OPEN",
            Self::HalfOpen => "HALF_OPEN",
        }
    }
}

impl Breaker {
    /// Whether a call may go out now. Each admitted call ends with `succeed`, `fail` or `cancel`.
    pub fn admit(&mut self, now: Instant) -> bool {
        match self.retry_at {
            None => true,
            Some(at) if now >= at && !self.is_probing => {
                self.is_probing = true;
                true
            }
            Some(_) => false,
        }
    }

    /// A call went well: all calls pass again.
    pub fn succeed(&mut self) {
        *self = Self::default();
    }

    /// A call failed.
    pub fn fail(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.is_probing = false;
        if self.failures >= FAILURES {
            self.retry_at = Some(now + PAUSE);
        }
    }

    /// A call ended without telling anything about the other side.
    pub fn cancel(&mut self) {
        self.is_probing = false;
    }

    /// What to show.
    #[must_use]
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.retry_at {
            None => BreakerState::Closed,
            Some(at) if now < at => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_open_it_and_one_probe_closes_it() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            assert!(breaker.admit(start));
            breaker.fail(start);
        }
        assert_eq!(breaker.state(start), BreakerState::Closed);
        breaker.fail(start);
        assert_eq!(breaker.state(start), BreakerState::Open);
        assert!(!breaker.admit(start + Duration::from_secs(9)));
        let later = start + PAUSE;
        assert_eq!(breaker.state(later), BreakerState::HalfOpen);
        assert!(breaker.admit(later), "one call may try");
        assert!(!breaker.admit(later), "only one");
        breaker.succeed();
        assert!(breaker.admit(later));
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn a_failed_probe_waits_again_and_a_cancelled_one_does_not() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        (0..5).for_each(|_| breaker.fail(start));
        let later = start + PAUSE;
        assert!(breaker.admit(later));
        breaker.cancel();
        assert!(breaker.admit(later));
        breaker.fail(later);
        assert!(!breaker.admit(later + Duration::from_secs(9)));
        assert!(breaker.admit(later + PAUSE));
    }

    #[test]
    fn a_success_forgets_failures() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            breaker.fail(start);
            breaker.succeed();
        }
        assert_eq!(breaker.state(start), BreakerState::Closed);
    }
}
