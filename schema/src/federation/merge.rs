//! Merges ordered batches into one page. It must not know what rows are or where batches come from.

use std::cmp::Ordering;

/// What one source gave: rows in order.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    pub len: usize,
    /// Whether the source has rows beyond these.
    pub has_more: bool,
}

/// A row of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    pub batch: usize,
    pub row: usize,
}

/// The first rows of all batches.
#[derive(Debug)]
pub struct Merged {
    pub picks: Vec<Pick>,
    pub has_next_page: bool,
}

impl Merged {
    /// How many rows each of so many batches gave.
    #[must_use]
    pub fn counts(&self, batches: usize) -> Vec<usize> {
        let mut counts = vec![0; batches];
        for pick in &self.picks {
            counts[pick.batch] += 1;
        }
        counts
    }
}

/// The first `first` rows of all batches together. The page ends early where a batch ends though its source has
/// more: rows of others may only follow after those that are not here yet.
pub fn merge(batches: &[Batch], first: usize, compare: impl Fn(Pick, Pick) -> Ordering) -> Merged {
    let heads = (0..batches.len()).map(|batch| Pick { batch, row: 0 });
    let mut heap = Heap { heads: heads.filter(|pick| batches[pick.batch].len > 0).collect(), compare };
    heap.build();
    let mut picks = Vec::with_capacity(first.min(batches.iter().map(|batch| batch.len).sum()));
    while picks.len() < first {
        let Some(pick) = heap.heads.first().copied() else { break };
        picks.push(pick);
        let batch = batches[pick.batch];
        if pick.row + 1 < batch.len {
            heap.heads[0].row += 1;
            heap.sink(0);
        } else {
            heap.heads.swap_remove(0);
            heap.sink(0);
            if batch.has_more {
                break;
            }
        }
    }
    let has_next_page = !heap.heads.is_empty() || batches.iter().any(|batch| batch.has_more);
    Merged { picks, has_next_page }
}

/// A binary heap whose order is not that of its elements; the least is on top.
struct Heap<F> {
    heads: Vec<Pick>,
    compare: F,
}

impl<F: Fn(Pick, Pick) -> Ordering> Heap<F> {
    fn build(&mut self) {
        for place in (0..self.heads.len() / 2).rev() {
            self.sink(place);
        }
    }

    /// Brings the element at a place to where none below it is less. If it does not stay, it goes all the way down
    /// along the lesser ones and up again: the next row of a source mostly follows after those of all others, so that
    /// comparing with it on the way down would be in vain.
    fn sink(&mut self, start: usize) {
        let Some(below) = self.lesser_below(start) else { return };
        if (self.compare)(self.heads[start], self.heads[below]).is_le() {
            return;
        }
        self.heads.swap(start, below);
        let (top, mut place) = (below, below);
        while let Some(below) = self.lesser_below(place) {
            self.heads.swap(place, below);
            place = below;
        }
        while place > top {
            let above = (place - 1) / 2;
            if (self.compare)(self.heads[above], self.heads[place]).is_le() {
                return;
            }
            self.heads.swap(above, place);
            place = above;
        }
    }

    /// The lesser of the two elements below a place.
    fn lesser_below(&self, place: usize) -> Option<usize> {
        let (left, right) = (2 * place + 1, 2 * place + 2);
        let left_head = *self.heads.get(left)?;
        let is_right = self.heads.get(right).is_some_and(|right| (self.compare)(*right, left_head).is_lt());
        Some(if is_right { right } else { left })
    }
}

#[cfg(test)]
#[path = "tests/merge.rs"]
mod tests;
