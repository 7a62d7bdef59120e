//! What Prometheus is told of one source. The handles are looked up once, when the source is first called.
//! It must not know why a call went as it did.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::{breaker::BreakerState, question::Status};

/// Numbers of one source.
pub struct Meters {
    calls: [Counter; Status::ALL.len()],
    seconds: Histogram,
    breaker: Gauge,
    pub bytes: Counter,
    pub rows: Counter,
    pub retries: Counter,
    pub hedges: Counter,
    /// Questions that were answered by a call of another one.
    pub shared: Counter,
    /// Questions that were answered from the cache.
    pub cached: Counter,
}

impl Meters {
    /// Those of the source with a name.
    #[must_use]
    pub fn of(source: &str) -> Self {
        let name = || source.to_owned();
        Self {
            calls: Status::ALL
                .map(|status| counter!("groupgraph_source_calls_total", "source" => name(), "status" => status.word())),
            seconds: histogram!("groupgraph_source_seconds", "source" => name()),
            breaker: gauge!("groupgraph_source_breaker", "source" => name()),
            bytes: counter!("groupgraph_source_bytes_total", "source" => name()),
            rows: counter!("groupgraph_source_rows_total", "source" => name()),
            retries: counter!("groupgraph_source_retries_total", "source" => name()),
            hedges: counter!("groupgraph_source_hedges_total", "source" => name()),
            shared: counter!("groupgraph_source_shared_total", "source" => name()),
            cached: counter!("groupgraph_source_cached_total", "source" => name()),
        }
    }

    /// Notes how a source took part in an answer.
    pub fn note(&self, status: Status, took: Duration) {
        self.calls[status as usize].increment(1);
        if status != Status::Skipped {
            self.seconds.record(took.as_secs_f64());
        }
    }

    /// Notes whether calls pass: 0 is closed, 1 is half open, 2 is open.
    pub fn note_breaker(&self, state: BreakerState) {
        self.breaker.set(match state {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 1.0,
            BreakerState::Open => 2.0,
        });
    }
}
