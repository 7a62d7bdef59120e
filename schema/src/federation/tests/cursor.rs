//! Walking pages of several sources returns each row once, in order.

use proptest::prelude::*;

use super::*;
use crate::federation::{
    key::KeyKind,
    merge::{Batch, Pick, merge},
};

fn order(is_descending: bool) -> Vec<OrderKey> {
    let key = |field: &str, is_descending| OrderKey {
        field: field.to_owned(),
        is_descending,
        path: field.to_lowercase(),
        kind: KeyKind::Number,
    };
    vec![key("VALUE", is_descending), key("WEIGHT", !is_descending)]
}

fn key(value: Option<i64>, order: &OrderKey) -> Key {
    let json = value.map_or("null".to_owned(), |value| value.to_string());
    Key::read(&RawValue::from_string(json).expect("valid JSON"), order).expect("a number or null")
}

/// What a source does by the contract: rows strictly after `[order values …, number]`, sorted, at most `first`.
fn page(rows: &[Cursor], order: &[OrderKey], after: Option<&str>, first: usize) -> (Vec<Cursor>, bool) {
    let after = after.map(|text| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let values: Vec<Option<i64>> = serde_json::from_slice(&bytes).expect("a list of numbers and nulls");
        let (number, values) = values.split_last().expect("a number at the end");
        let keys: Vec<Key> = values.iter().zip(order).map(|(value, order)| key(*value, order)).collect();
        (keys, number.expect("never null"))
    });
    let mut follow: Vec<_> = rows
        .iter()
        .filter(|row| after.as_ref().is_none_or(|(keys, number)| (&row.keys, &row.number) > (keys, number)))
        .cloned()
        .collect();
    follow.sort();
    let has_more = follow.len() > first;
    follow.truncate(first);
    (follow, has_more)
}

proptest! {
    #[test]
    fn walking_all_pages_returns_each_row_once_in_order(
        values in prop::collection::vec(
            prop::collection::vec((prop::option::weighted(0.8, 0..4_i64), prop::option::weighted(0.8, 0..3_i64)), 0..20),
            1..5,
        ),
        first in 1_usize..8,
        is_descending in any::<bool>(),
    ) {
        let order = order(is_descending);
        let sources: Vec<Vec<Cursor>> = values.iter().enumerate().map(|(tenant, rows)| {
            rows.iter().zip(1..).map(|((value, weight), number)| {
                let tenant = i64::try_from(tenant).expect("few tenants");
                Cursor::new(vec![key(*value, &order[0]), key(*weight, &order[1])], tenant, number)
            }).collect()
        }).collect();
        let mut expected: Vec<Cursor> = sources.concat();
        expected.sort();

        let mut walked: Vec<Cursor> = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let pages: Vec<(Vec<Cursor>, bool)> = sources.iter().zip(0..).map(|(rows, tenant)| {
                let after = after.as_ref().map(|after| after.for_tenant(tenant));
                page(rows, &order, after.as_deref(), first)
            }).collect();
            let batches: Vec<Batch> =
                pages.iter().map(|(rows, has_more)| Batch { len: rows.len(), has_more: *has_more }).collect();
            let row = |pick: Pick| &pages[pick.batch].0[pick.row];
            let merged = merge(&batches, first, |one, other| row(one).cmp(row(other)));
            walked.extend(merged.picks.into_iter().map(|pick| row(pick).clone()));
            if !merged.has_next_page {
                break;
            }
            let text = walked.last().expect("a page before the next one").write();
            after = Some(Cursor::read(&text, &order).expect("our own cursor"));
        }
        prop_assert_eq!(walked, expected);
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let order = order(false);
    let text = Cursor::new(vec![key(Some(1), &order[0]), key(None, &order[1])], 3, 7).write();
    assert!(Cursor::read(&text, &order).is_ok());
    assert_eq!(Cursor::read(&text, &order[..1]), Err(InvalidCursor));
    let days = [OrderKey { kind: KeyKind::Day, ..order[0].clone() }, order[1].clone()];
    assert_eq!(Cursor::read(&text, &days), Err(InvalidCursor));
    for text in ["", "!", "W10", "bnVsbA"] {
        assert_eq!(Cursor::read(text, &order), Err(InvalidCursor), "{text}");
    }
}

#[test]
fn ties_lie_before_or_after_by_company() {
    let order = &order(false)[..1];
    let cursor = Cursor::new(vec![key(Some(5), &order[0])], 3, 7);
    let decode =
        |text: String| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("text");
    assert_eq!(decode(cursor.for_tenant(3)), "[5,7]");
    assert_eq!(decode(cursor.for_tenant(2)), "[5,9007199254740991]");
    assert_eq!(decode(cursor.for_tenant(4)), "[5,0]");
}
