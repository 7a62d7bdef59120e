//! Merging equals sorting.

use proptest::prelude::*;

use super::*;

fn batch(tenant: i64, numbers: &[i64], has_more: bool) -> Batch<i64> {
    let rows = numbers.iter().map(|number| (Cursor::new(Vec::new(), *number, tenant), *number)).collect();
    Batch { rows, has_more }
}

fn values(merged: &Merged<i64>) -> Vec<i64> {
    merged.rows.iter().map(|(_, value)| *value).collect()
}

#[test]
fn a_page_ends_where_it_should() {
    /// Batches, rows wanted, rows expected, whether more follow.
    type Case = (Vec<Batch<i64>>, usize, &'static [i64], bool);
    let table: [Case; 7] = [
        (vec![], 5, &[], false),
        (vec![batch(1, &[1, 4], false), batch(2, &[2, 3], false)], 5, &[1, 2, 3, 4], false),
        (vec![batch(1, &[1, 4], false), batch(2, &[2, 3], false)], 4, &[1, 2, 3, 4], false),
        (vec![batch(1, &[1, 4], false), batch(2, &[2, 3], false)], 3, &[1, 2, 3], true),
        (vec![batch(1, &[1, 2], true), batch(2, &[3], false)], 2, &[1, 2], true),
        // What comes between 2 and 9 is not here yet.
        (vec![batch(1, &[1, 2], true), batch(2, &[9], false)], 5, &[1, 2], true),
        (vec![batch(1, &[1], false), batch(2, &[2], false)], 0, &[], true),
    ];
    for (batches, first, rows, has_next_page) in table {
        let case = format!("{batches:?}, first {first}");
        let merged = merge(batches, first);
        assert_eq!(values(&merged), rows, "{case}");
        assert_eq!(merged.has_next_page, has_next_page, "{case}");
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
        let batches = lists.iter().zip(0..).map(|(numbers, tenant)| batch(tenant, numbers, false)).collect();
        let merged = merge(batches, first);
        prop_assert_eq!(values(&merged), expected);
        prop_assert_eq!(merged.has_next_page, total > first);
    }
}
