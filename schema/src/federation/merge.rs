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

    /// Brings the element at a place down to where none below it is less.
    fn sink(&mut self, mut place: usize) {
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let Some(mut least) = self.heads.get(left).copied() else { return };
            let mut below = left;
            if let Some(right_head) = self.heads.get(right).copied()
                && (self.compare)(right_head, least).is_lt()
            {
                (least, below) = (right_head, right);
            }
            if (self.compare)(self.heads[place], least).is_le() {
                return;
            }
            self.heads.swap(place, below);
            place = below;
        }
    }
}

#[cfg(test)]
#[path = "tests/merge.rs"]
mod tests;
