//! Merges ordered batches into one page. It must not know where batches come from.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::cursor::Cursor;

/// What one source gave: rows in order.
#[derive(Debug)]
pub struct Batch<T> {
    pub rows: Vec<(Cursor, T)>,
    /// Whether the source has rows beyond these.
    pub has_more: bool,
}

/// The first rows of all batches.
#[derive(Debug)]
pub struct Merged<T> {
    pub rows: Vec<(Cursor, T)>,
    pub has_next_page: bool,
}

/// The first `first` rows of all batches together. The page ends early where a batch ends though its source has
/// more: rows of others may only follow after those that are not here yet.
#[must_use]
pub fn merge<T>(batches: Vec<Batch<T>>, first: usize) -> Merged<T> {
    let mut lists: Vec<_> = batches.into_iter().map(|batch| (batch.rows.into_iter(), batch.has_more)).collect();
    let mut heads = BinaryHeap::with_capacity(lists.len());
    let mut values: Vec<Option<T>> = Vec::with_capacity(lists.len());
    for (list, (source, _)) in lists.iter_mut().enumerate() {
        let (cursor, value) = source.next().unzip();
        heads.extend(cursor.map(|cursor| Reverse((cursor, list))));
        values.push(value);
    }
    let mut rows = Vec::new();
    while rows.len() < first {
        let Some(Reverse((cursor, list))) = heads.pop() else { break };
        let (source, has_more) = &mut lists[list];
        let (next_cursor, next_value) = source.next().unzip();
        let value = std::mem::replace(&mut values[list], next_value);
        rows.extend(value.map(|value| (cursor, value)));
        match next_cursor {
            Some(cursor) => heads.push(Reverse((cursor, list))),
            None if *has_more => break,
            None => {}
        }
    }
    let has_next_page = !heads.is_empty() || lists.iter().any(|(_, has_more)| *has_more);
    Merged { rows, has_next_page }
}

#[cfg(test)]
#[path = "tests/merge.rs"]
mod tests;
