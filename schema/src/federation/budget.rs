//! How many calls may be added to those that are needed: a share of them, saved up to a bound.
//! It must not know what is called.

use std::sync::atomic::{AtomicI64, Ordering};

/// What one added call costs.
const CALL: i64 = 100;
/// Added calls that may be saved up.
const MOST: i64 = 10 * CALL;

/// Hundredths of added calls that are saved up.
#[derive(Debug)]
pub struct Budget(AtomicI64);

impl Budget {
    /// With so many added calls to begin with.
    #[must_use]
    pub fn new(calls: u32) -> Self {
        Self(AtomicI64::new(i64::from(calls) * CALL))
    }

    /// Notes a needed call, of which so many percent may be added.
    pub fn earn(&self, percent: u32) {
        self.change(|saved| Some((saved + i64::from(percent)).min(MOST)));
    }

    /// Takes out an added call; whether there was one.
    pub fn spend(&self) -> bool {
        self.change(|saved| (saved >= CALL).then(|| saved - CALL))
    }

    fn change(&self, with: impl Fn(i64) -> Option<i64>) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_needed_calls_may_be_added() {
        let budget = Budget::new(1);
        assert!(budget.spend(), "one to begin with");
        assert!(!budget.spend());
        let added = (0..100).filter(|_| {
            budget.earn(10);
            budget.spend()
        });
        assert_eq!(added.count(), 10);
        (0..1000).for_each(|_| budget.earn(10));
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10, "no more are saved up");
        (0..1000).for_each(|_| budget.earn(0));
        assert!(!budget.spend());
    }
}
