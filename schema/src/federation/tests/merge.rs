//! Merging equals sorting.

use proptest::prelude::*;

use super::*;

/// Numbers in ascending order, and whether their source has more.
type List = (Vec<i64>, bool);

fn list(numbers: &[i64], has_more: bool) -> List {
    (numbers.to_vec(), has_more)
}

fn merged(lists: &[List], first: usize) -> (Vec<i64>, bool) {
    let batches: Vec<Batch> =
        lists.iter().map(|(numbers, has_more)| Batch { len: numbers.len(), has_more: *has_more }).collect();
    let value = |pick: Pick| (lists[pick.batch].0[pick.row], pick.batch);
    let merged = merge(&batches, first, |one, other| value(one).cmp(&value(other)));
    (merged.picks.into_iter().map(|pick| value(pick).0).collect(), merged.has_next_page)
}

#[test]
fn a_page_ends_where_it_should() {
    /// Batches, rows wanted, rows expected, whether more follow.
    type Case = (Vec<List>, usize, &'static [i64], bool);
    let table: [Case; 7] = [
        (vec![], 5, &[], false),
        (vec![list(&[1, 4], false), list(&[2, 3], false)], 5, &[1, 2, 3, 4], false),
        (vec![list(&[1, 4], false), list(&[2, 3], false)], 4, &[1, 2, 3, 4], false),
        (vec![list(&[1, 4], false), list(&[2, 3], false)], 3, &[1, 2, 3], true),
        (vec![list(&[1, 2], true), list(&[3], false)], 2, &[1, 2], true),
        // What comes between 2 and 9 is not here yet.
        (vec![list(&[1, 2], true), list(&[9], false)], 5, &[1, 2], true),
        (vec![list(&[1], false), list(&[2], false)], 0, &[], true),
    ];
    for (lists, first, rows, has_next_page) in table {
        assert_eq!(merged(&lists, first), (rows.to_vec(), has_next_page), "{lists:?}, first {first}");
    }
}

proptest! {
    #[test]
    fn merging_equals_sorting(mut lists in prop::collection::vec(prop::collection::vec(0..50_i64, 0..20), 0..6), first in 0_usize..60) {
        let mut expected = lists.concat();
        expected.sort_unstable();
        expected.truncate(first);
        let total: usize = lists.iter().map(Vec::len).sum();
        for list in &mut lists {
            list.sort_unstable();
        }
        let lists: Vec<List> = lists.iter().map(|numbers| list(numbers, false)).collect();
        prop_assert_eq!(merged(&lists, first), (expected, total > first));
    }
}
