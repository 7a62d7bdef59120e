//! Waits for all parts of a page, and lets go meanwhile of rows that others keep off it, so that a thousand sources
//! need not be held at once. It must not know how a part is made.

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{
    merge::{Batch, Pick, merge},
    part::Part,
    question::Question,
    read::Reading,
};

/// Bytes that are held before any are let go; common pages are far below.
const MOST_HELD: usize = 8 << 20;

/// All parts, in the order in which they are given.
pub(super) async fn gather(parts: impl Iterator<Item = impl Future<Output = Part>>, question: &Question) -> Vec<Part> {
    let mut under_way: FuturesUnordered<_> =
        parts.enumerate().map(|(index, part)| async move { (index, part.await) }).collect();
    let mut gathering = Gathering::new(under_way.len(), MOST_HELD);
    while let Some((index, part)) = under_way.next().await {
        gathering.add(index, part, question);
    }
    gathering.parts.into_iter().flatten().collect()
}

/// The parts that are there.
struct Gathering {
    parts: Vec<Option<Part>>,
    held: usize,
    most: usize,
}

impl Gathering {
    fn new(count: usize, most: usize) -> Self {
        Self { parts: std::iter::repeat_with(|| None).take(count).collect(), held: 0, most }
    }

    fn add(&mut self, index: usize, part: Part, question: &Question) {
        self.held += part.result.as_ref().map_or(0, |reading| reading.rows.size());
        self.parts[index] = Some(part);
        if self.held > self.most {
            self.held = let_go(self.parts.iter_mut().flatten(), question);
            // What stays would be looked at again and again.
            self.most = self.most.max(2 * self.held);
        }
    }
}

/// Leaves of each page what may be on the page of all, and the row behind it: where a page ended that has more, the page of
/// all would end too. Returns the bytes that are still held.
fn let_go<'a>(parts: impl Iterator<Item = &'a mut Part>, question: &Question) -> usize {
    let mut pages: Vec<&mut Reading> = parts.filter_map(|part| part.result.as_mut().ok()).collect();
    let batches: Vec<Batch> = pages.iter().map(|page| Batch { len: page.rows.len(), has_more: false }).collect();
    let compare = |one: Pick, other: Pick| {
        pages[one.batch].rows.compare(one.row, &pages[other.batch].rows, other.row, &question.order)
    };
    let counts = merge(&batches, question.first, compare).counts(pages.len());
    let mut held = 0;
    for (page, count) in pages.iter_mut().zip(counts) {
        let count = if count == 0 { 0 } else { count + 1 };
        if count < page.rows.len() {
            page.rows.truncate(count, question.order.len());
            page.has_more = true;
        }
        held += page.rows.size();
    }
    held
}

#[cfg(test)]
#[path = "tests/gather.rs"]
mod tests;
