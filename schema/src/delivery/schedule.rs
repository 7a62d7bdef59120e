//! When a failed delivery is tried again. It must not know what failed.

use chrono::TimeDelta;

/// Share of a wait that is added by chance at most.
const JITTER: f64 = 0.2;

/// The wait after so many attempts; none once all waits are used up. `chance` is 0 to 1.
#[must_use]
pub fn wait(waits: &[u32], attempts: usize, chance: f64) -> Option<TimeDelta> {
    let seconds = f64::from(*waits.get(attempts.checked_sub(1)?)?);
    #[expect(clippy::cast_possible_truncation, reason = "waits are far below 2^53 milliseconds")]
    let milliseconds = (seconds * 1_000.0 * (1.0 + JITTER * chance)) as i64;
    Some(TimeDelta::milliseconds(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Deliveries;

    #[test]
    fn eight_attempts_over_more_than_a_day() {
        let waits = Deliveries::default().retry_after_seconds;
        let seconds = |attempts, chance| wait(&waits, attempts, chance).map(|wait| wait.num_seconds());
        let plain: Vec<_> = (0..=8).map(|attempts| seconds(attempts, 0.0)).collect();
        assert_eq!(
            plain,
            [None, Some(5), Some(300), Some(1_800), Some(7_200), Some(18_000), Some(36_000), Some(36_000), None]
        );
        assert_eq!(seconds(2, 1.0), Some(360));
        assert_eq!(seconds(2, 0.5), Some(330));
    }

    #[test]
    fn without_waits_there_is_one_attempt() {
        assert_eq!(wait(&[], 1, 0.0), None);
    }
}
