//! Places in the merged order, and the cursors that name them: ours for clients, and those by which a source is asked
//! to go on. It must not know rows or HTTP.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::value::RawValue;

use super::key::{Key, OrderKey};

/// No row has a greater number: JavaScript is exact up to here.
const LAST_NUMBER: i64 = 9_007_199_254_740_991;

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
        let (values, tenant, number): (Vec<&RawValue>, i64, i64) =
            serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
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
}

#[cfg(test)]
#[path = "tests/cursor.rs"]
mod tests;
