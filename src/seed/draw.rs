//! Random choices that come out the same for the same start. It must not know what is chosen.

use rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use uuid::Builder;

/// A generator whose numbers stay the same in later versions of the library.
pub struct Draw(Xoshiro256PlusPlus);

impl Draw {
    /// Begins; the same start gives the same choices.
    #[must_use]
    pub fn new(start: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(start))
    }

    /// One of a list.
    ///
    /// # Panics
    /// The list is empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.0).expect("a list to choose from has members")
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// Like `between`, but small numbers are much more frequent.
    pub fn skewed(&mut self, low: i64, high: i64) -> i64 {
        let part = self.between(0, 100);
        low + (high - low) / 1_000_000 * (part * part * part) + (high - low) % 1_000_000 * part / 100
    }

    /// A small number from `low` to `high`, both included.
    ///
    /// # Panics
    /// Never: what lies between two such numbers is one.
    pub fn small(&mut self, low: i32, high: i32) -> i32 {
        i32::try_from(self.between(low.into(), high.into())).expect("between two numbers of 32 bits")
    }

    /// Yes in so many of a hundred cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// So many digits, not beginning with zero.
    pub fn digits(&mut self, count: usize) -> String {
        let digit = |index: usize| char::from(b'0' + u8::try_from(self.between(i64::from(index == 0), 9)).unwrap_or(0));
        (0..count).map(digit).collect()
    }

    /// A uuid of random bytes.
    pub fn uuid(&mut self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}
