//! How many requests are answered at the same time: as many as the settings allow, and fewer while the server cannot
//! keep up. Whoever finds no place is told so at once, for in a queue all would be late. A request takes its place when
//! all of it has come: slow senders take none. It must not know requests.

use std::{
    sync::{
        Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::App;

/// How often the server is looked at.
const EVERY: Duration = Duration::from_millis(100);
/// Time that the smallest question to the own database may take, waiting for its turn included.
const LATE: Duration = Duration::from_millis(100);
/// Places that remain however late it is: enough to keep the processors and the database busy.
const LEAST: usize = 16;

/// The places.
pub struct Places {
    most: usize,
    open: AtomicUsize,
    taken: AtomicUsize,
}

/// One place, until it is dropped.
pub struct Place<'a>(&'a Places);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Places {
    /// So many at most.
    pub fn new(most: usize) -> Self {
        Self { most, open: most.into(), taken: 0.into() }
    }

    /// A place, if there is one.
    pub fn take(&self) -> Option<Place<'_>> {
        let place = Place(self);
        let taken = self.taken.fetch_add(1, Ordering::AcqRel);
        (taken < self.open.load(Ordering::Acquire)).then_some(place)
    }

    /// Whether there is none.
    pub fn are_taken(&self) -> bool {
        self.taken.load(Ordering::Acquire) >= self.open.load(Ordering::Acquire)
    }

    fn is_idle(&self) -> bool {
        self.taken.load(Ordering::Acquire) < LEAST
    }

    /// Fewer places while it is late, slowly more when it is not.
    fn adjust(&self, is_late: bool) {
        let open = self.open.load(Ordering::Acquire);
        let next = if is_late {
            let used = open.min(self.taken.load(Ordering::Acquire));
            (used * 3 / 4).max(LEAST)
        } else {
            open + (open / 16).max(1)
        };
        self.open.store(next.min(self.most), Ordering::Release);
    }
}

/// Looks at the server as long as it is there. A question to the database waits for its turn like those of requests,
/// and for the processors like everything else; but not for other systems, which requests may well do.
pub async fn keep_fit(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        let is_late = !app.places.is_idle() && tokio::time::timeout(LATE, app.hub.database.read.ping()).await.is_err();
        app.places.adjust(is_late);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_until_it_is_dropped() {
        let places = Places::new(2);
        let (first, second) = (places.take(), places.take());
        assert!(first.is_some() && second.is_some() && places.take().is_none());
        drop(first);
        assert!(places.take().is_some());
    }

    #[test]
    fn there_are_fewer_while_it_is_late() {
        let places = Places::new(256);
        let taken: Vec<_> = (0..100).map_while(|_| places.take()).collect();
        places.adjust(true);
        assert_eq!(places.open.load(Ordering::Acquire), 75);
        assert!(places.take().is_none());
        for _ in 0..20 {
            places.adjust(true);
        }
        assert_eq!(places.open.load(Ordering::Acquire), LEAST);
        drop(taken);
        assert!(places.is_idle());
        for _ in 0..60 {
            places.adjust(false);
        }
        assert_eq!(places.open.load(Ordering::Acquire), 256);
    }

    #[test]
    fn few_stay_few() {
        let places = Places::new(1);
        places.adjust(true);
        assert!(places.take().is_some());
        places.adjust(false);
        assert_eq!(places.open.load(Ordering::Acquire), 1);
    }
}
