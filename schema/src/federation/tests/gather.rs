//! What is let go of is never missed.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::federation::{
    key::{KeyKind, OrderKey},
    question::Answer,
    rows::Rows,
    sample::{self, answered},
};

fn question(first: usize) -> Question {
    let number =
        OrderKey { field: "NUMBER".into(), is_descending: false, path: "number".into(), kind: KeyKind::Number };
    Question { order: vec![number], first, ..sample::question() }
}

/// The numbers of a source, and whether it has more.
fn part(tenant: i64, (numbers, has_more): &(Vec<i64>, bool), order: &[OrderKey]) -> Part {
    let mut rows = Rows::of(std::sync::Arc::default(), tenant, Vec::new());
    for number in numbers {
        rows.write_value(&number.to_string(), &order[0]).expect("a number");
        rows.write(&format!("[{tenant},{number}]"));
        rows.end(*number);
    }
    let reading = Reading { rows, has_more: *has_more, total: None, error: None, places: Vec::new() };
    Part { tenant, took: Duration::ZERO, missing_fields: Vec::new(), result: Ok(reading), cached_at: None }
}

/// The page of all sources, of which so many bytes are held.
fn page(lists: &[(Vec<i64>, bool)], first: usize, most: usize) -> Answer {
    let question = question(first);
    let mut gathering = Gathering::new(lists.len(), most);
    // The last one answers first.
    for (index, list) in lists.iter().enumerate().rev() {
        gathering.add(index, part(i64::try_from(index).unwrap(), list, &question.order), &question);
    }
    Part::combine(gathering.parts.into_iter().flatten().collect(), &question)
}

proptest! {
    #[test]
    fn the_page_is_the_same(mut lists in prop::collection::vec((prop::collection::vec(0..50_i64, 0..12), any::<bool>()), 0..8), first in 0_usize..20) {
        for (numbers, has_more) in &mut lists {
            numbers.sort_unstable();
            numbers.dedup();
            *has_more &= !numbers.is_empty();
        }
        let (all, few) = (page(&lists, first, usize::MAX), page(&lists, first, 0));
        prop_assert_eq!(answered(&few), answered(&all));
        prop_assert_eq!(few.has_next_page, all.has_next_page);
        let counts = |answer: &Answer| answer.reports.iter().map(|report| report.row_count).collect::<Vec<_>>();
        prop_assert_eq!(counts(&few), counts(&all));
    }
}

#[test]
fn what_is_off_the_page_is_not_held() {
    let lists: Vec<_> = (0..500).map(|source| ((0..100).map(|row| source * 100 + row).collect(), false)).collect();
    let question = question(100);
    let mut gathering = Gathering::new(lists.len(), 10_000);
    for (index, list) in lists.iter().enumerate() {
        gathering.add(index, part(i64::try_from(index).unwrap(), list, &question.order), &question);
    }
    assert!(gathering.held < 40_000, "{} bytes", gathering.held);
    let all: usize = lists.iter().map(|list| part(1, list, &question.order).result.unwrap().rows.size()).sum();
    assert!(all > 1_000_000, "{all} bytes in all");
}
