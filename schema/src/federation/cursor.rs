//! Places in the merged order, and the cursors that name them: ours for clients, and those by which a source is asked
//! to go on. It must not know rows or HTTP.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::key::{Key, OrderKey};

/// No row has a greater number: JavaScript is exact up to here.
const LAST_NUMBER: i64 = 9_007_199_254_740_991;

/// Most rows that a source may be asked to skip by a client's cursor.
const MOST_SKIPPED: usize = 1_000_000;

/// Place of a row in the merged order: by order values, then company, then number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    keys: Vec<Key>,
    tenant: i64,
    number: i64,
}

/// The text is no cursor of this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This cursor does not belong to a list in this order.")]
pub struct InvalidCursor;

impl Cursor {
    /// The place of a row.
    #[must_use]
    pub fn new(keys: Vec<Key>, tenant: i64, number: i64) -> Self {
        Self { keys, tenant, number }
    }

    /// Reads what `write` wrote.
    ///
    /// # Errors
    /// The text is malformed, or was made in another order.
    pub fn read(text: &str, order: &[OrderKey]) -> Result<Self, InvalidCursor> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let parts: Vec<&RawValue> = serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
        let ([values, tenant, number] | [values, tenant, number, _]) = parts.as_slice() else {
            return Err(InvalidCursor);
        };
        let values: Vec<&RawValue> = serde_json::from_str(values.get()).map_err(|_| InvalidCursor)?;
        let whole = |part: &RawValue| part.get().parse::<i64>().map_err(|_| InvalidCursor);
        let (tenant, number) = (whole(tenant)?, whole(number)?);
        if values.len() != order.len() || !(0..=LAST_NUMBER).contains(&number) {
            return Err(InvalidCursor);
        }
        let keys = values.into_iter().zip(order).map(|(value, order)| Key::read(value, order)).collect::<Option<_>>();
        Ok(Self { keys: keys.ok_or(InvalidCursor)?, tenant, number })
    }

    /// The cursor for clients: base64url of `[[order values …], company, number]`.
    #[must_use]
    pub fn write(&self) -> String {
        let values: Vec<&str> = self.keys.iter().map(Key::json).collect();
        BASE64_URL_SAFE_NO_PAD.encode(format!("[[{}],{},{}]", values.join(","), self.tenant, self.number))
    }

    /// The cursor after which the source of a company goes on: base64url of `[order values …, number]`. Rows with
    /// equal order values still follow if their company comes later, and are past if it comes earlier.
    #[must_use]
    pub fn for_tenant(&self, tenant: i64) -> String {
        let number = match tenant.cmp(&self.tenant) {
            std::cmp::Ordering::Less => LAST_NUMBER,
            std::cmp::Ordering::Equal => self.number,
            std::cmp::Ordering::Greater => 0,
        };
        let values: Vec<&str> = self.keys.iter().map(Key::json).collect();
        let separator = if values.is_empty() { "" } else { "," };
        BASE64_URL_SAFE_NO_PAD.encode(format!("[{}{separator}{number}]", values.join(",")))
    }

    /// The company of the row.
    #[must_use]
    pub fn tenant(&self) -> i64 {
        self.tenant
    }

    /// The number of the row at its company.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }

    /// The order values of the row.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The cursor for clients, with the places of sources that have cursors of their own: base64url of
    /// `[[order values …], company, number, {company: [cursor, rows after it]}]`.
    #[must_use]
    pub fn write_with(&self, places: &Places) -> String {
        if places.is_empty() {
            return self.write();
        }
        let values: Vec<&str> = self.keys.iter().map(Key::json).collect();
        let places = serde_json::to_string(places).expect("places are plain data");
        let text = format!("[[{}],{},{},{places}]", values.join(","), self.tenant, self.number);
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }
}

/// Where sources with cursors of their own were left, by company.
pub type Places = BTreeMap<i64, Place>;

/// Where a source was left: after a cursor of its own, and so many rows further.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Option<String>, usize, bool)", into = "(Option<String>, usize, bool)")]
pub struct Place {
    /// The source's own cursor; none for its first page, and for sources without.
    pub cursor: Option<String>,
    /// Rows after it that are done with.
    pub skip: usize,
    /// Whether the source itself skips rows.
    pub is_offset: bool,
}

impl Place {
    /// Rows of the next answer that are done with.
    #[must_use]
    pub fn skip_in_page(&self) -> usize {
        if self.is_offset { 0 } else { self.skip }
    }

    /// So many rows of the next answer further.
    #[must_use]
    pub fn further(&self, rows: usize) -> Self {
        let skip = if self.is_offset { self.skip + rows } else { rows };
        Self { cursor: self.cursor.clone(), skip, is_offset: self.is_offset }
    }
}

impl From<(Option<String>, usize, bool)> for Place {
    fn from((cursor, skip, is_offset): (Option<String>, usize, bool)) -> Self {
        Self { cursor, skip: skip.min(MOST_SKIPPED), is_offset }
    }
}

impl From<Place> for (Option<String>, usize, bool) {
    fn from(place: Place) -> Self {
        (place.cursor, place.skip, place.is_offset)
    }
}

/// Reads the places in a cursor for clients; none if it has none.
#[must_use]
pub fn places(text: &str) -> Places {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let parts: Result<(IgnoredAny, IgnoredAny, IgnoredAny, Places), _> = serde_json::from_slice(&bytes);
    parts.map(|parts| parts.3).unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/cursor.rs"]
mod tests;
