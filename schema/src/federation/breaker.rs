//! A circuit breaker as a plain state machine; the time is passed in. Calls of clients never try whether the other
//! side is back: that is left to a probe. It must not know what is called.

use std::time::{Duration, Instant};

/// Consecutive failures that open it.
const FAILURES: u32 = 5;
/// How long it stays open before the first probe.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest wait between two probes.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Refuses calls to something that keeps failing.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    /// Failures since the last success.
    failures: u32,
    /// Times that it opened since the last success, and failed probes.
    setbacks: u32,
    is_open: bool,
    /// When the next probe is due.
    probe_at: Option<Instant>,
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
    /// Whether calls may go out.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.is_open
    }

    /// A call went well.
    pub fn succeed(&mut self) {
        *self = Self::default();
    }

    /// A call failed. If that opened the breaker: how long to wait before the first probe.
    pub fn fail(&mut self, now: Instant) -> Option<Duration> {
        self.failures = self.failures.saturating_add(1);
        if self.is_open || self.failures < FAILURES {
            return None;
        }
        Some(self.pause(now, Duration::ZERO))
    }

    /// The other side asks to be left alone for so long. If that opened the breaker: how long to wait.
    pub fn rest(&mut self, now: Instant, pause: Duration) -> Option<Duration> {
        if self.is_open {
            return None;
        }
        Some(self.pause(now, pause))
    }

    /// A probe went well: calls pass again, but the next failure opens it anew.
    pub fn probe_succeeded(&mut self) {
        self.is_open = false;
        self.probe_at = None;
        self.failures = FAILURES - 1;
    }

    /// A probe failed: how long to wait before the next one.
    pub fn probe_failed(&mut self, now: Instant) -> Duration {
        self.pause(now, Duration::ZERO)
    }

    /// Waits longer each time, and at least so long.
    fn pause(&mut self, now: Instant, least: Duration) -> Duration {
        let pause = PAUSE.saturating_mul(1 << self.setbacks.min(8)).min(LONGEST_PAUSE).max(least);
        self.setbacks = self.setbacks.saturating_add(1);
        self.is_open = true;
        self.probe_at = Some(now + pause);
        pause
    }

    /// What to show.
    #[must_use]
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.probe_at {
            _ if !self.is_open => BreakerState::Closed,
            Some(at) if now < at => BreakerState::Open,
            _ => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(start: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            assert_eq!(breaker.fail(start), None);
        }
        assert_eq!(breaker.state(start), BreakerState::Closed);
        assert_eq!(breaker.fail(start), Some(PAUSE));
        breaker
    }

    #[test]
    fn five_failures_open_it_and_a_probe_closes_it() {
        let start = Instant::now();
        let mut breaker = opened(start);
        assert_eq!(breaker.state(start), BreakerState::Open);
        assert!(!breaker.is_closed());
        assert_eq!(breaker.fail(start), None, "a call that was under way");
        let later = start + PAUSE;
        assert_eq!(breaker.state(later), BreakerState::HalfOpen);
        assert!(!breaker.is_closed(), "no client tries");
        breaker.probe_succeeded();
        assert_eq!(breaker.state(later), BreakerState::Closed);
        breaker.succeed();
        assert_eq!(breaker.fail(later), None, "all is forgotten");
    }

    #[test]
    fn pauses_grow_until_a_call_goes_well() {
        let start = Instant::now();
        let mut breaker = opened(start);
        assert_eq!(breaker.probe_failed(start), PAUSE * 2);
        assert_eq!(breaker.probe_failed(start), PAUSE * 4);
        breaker.probe_succeeded();
        assert!(breaker.is_closed());
        assert_eq!(breaker.fail(start), Some(PAUSE * 8), "probes went well, but calls do not");
        (0..9).for_each(|_| assert!(breaker.probe_failed(start) <= LONGEST_PAUSE));
        breaker.succeed();
        assert_eq!(opened(start).state(start), BreakerState::Open);
    }

    #[test]
    fn it_rests_as_long_as_it_is_asked() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        assert_eq!(breaker.rest(start, Duration::from_mins(1)), Some(Duration::from_mins(1)));
        assert_eq!(breaker.state(start + Duration::from_secs(59)), BreakerState::Open);
        assert_eq!(breaker.rest(start, Duration::from_mins(2)), None, "it rests already");
    }
}
