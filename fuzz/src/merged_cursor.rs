//! Cursors of global lists: the first byte chooses the order, the rest is the JSON inside the cursor. What can be read
//! is written and read again as the same place.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use groupgraph_schema::federation::{
    cursor::Cursor,
    key::{KeyKind, OrderKey},
};

/// Runs one input.
pub fn run(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let words = ["A".to_owned(), "B".to_owned()];
    let kinds =
        [KeyKind::Text, KeyKind::Number, KeyKind::Instant, KeyKind::Day, KeyKind::Flag, KeyKind::Words(words.into())];
    let order: Vec<OrderKey> = kinds
        .into_iter()
        .enumerate()
        .filter(|(index, _)| choice >> index & 1 == 1)
        .map(|(_, kind)| OrderKey {
            field: "X".to_owned(),
            is_descending: choice >> 6 & 1 == 1,
            path: "x".to_owned(),
            kind,
        })
        .collect();
    if let Ok(cursor) = Cursor::read(&BASE64_URL_SAFE_NO_PAD.encode(rest), &order) {
        let again = Cursor::read(&cursor.write(), &order).expect("what was written can be read");
        assert_eq!(cursor, again);
        let _ = cursor.for_tenant(1);
    }
}
