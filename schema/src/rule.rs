//! What a noun adds to the generic create, update, save and delete: defaults and checks before the row is
//! written, further rows after. It must not know the SDL.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, Value};

use crate::verb::{Call, Failure};

/// Runs before the row is written; may change the draft or refuse it.
pub type Before =
    for<'a> fn(&'a Call<'a>, &'a DatabaseTransaction, &'a mut Draft) -> BoxFuture<'a, Result<(), Failure>>;

/// Runs after the row was written, in the same transaction.
pub type After = for<'a> fn(&'a Call<'a>, &'a DatabaseTransaction, &'a Draft) -> BoxFuture<'a, Result<(), Failure>>;

/// What a noun adds to one mutation.
#[derive(Clone, Copy, Default)]
pub struct Rules {
    pub before: Option<Before>,
    pub after: Option<After>,
}

/// The row that a generic mutation is about to write.
#[derive(Debug)]
pub struct Draft {
    /// GraphQL type.
    pub of: &'static str,
    /// The row, unless it is new; after writing always there.
    pub number: Option<i64>,
    /// Company that owns the row; none for rows of the whole instance.
    pub tenant: Option<i64>,
    /// Columns to write: those that the input sets, and what rules add. Absent members are absent here.
    pub values: BTreeMap<String, Value>,
    /// Rows of link tables to replace: table, own column, other column, the others.
    pub links: Vec<(String, String, String, Vec<i64>)>,
}

impl Draft {
    /// Nothing to write yet.
    #[must_use]
    pub fn new(of: &'static str, number: Option<i64>, tenant: Option<i64>) -> Self {
        Self { of, number, tenant, values: BTreeMap::new(), links: Vec::new() }
    }

    /// The number of a written row.
    ///
    /// # Panics
    /// If the row is new and not yet written.
    #[must_use]
    pub fn written(&self) -> i64 {
        self.number.expect("the row is written")
    }

    /// Whether the row is new.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.number.is_none()
    }

    /// Sets a column.
    pub fn set(&mut self, column: &str, value: impl Into<Value>) {
        self.values.insert(column.to_owned(), value.into());
    }

    /// Sets a column that the input does not set.
    pub fn default(&mut self, column: &str, value: impl Into<Value>) {
        self.values.entry(column.to_owned()).or_insert_with(|| value.into());
    }

    /// Text that a column is about to get; none if it is left alone or cleared.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.values.get(column) {
            Some(Value::String(Some(text))) => Some(text),
            _ => None,
        }
    }

    /// Number that a column is about to get; none if it is left alone or cleared.
    #[must_use]
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.values.get(column) {
            Some(Value::BigInt(number)) => *number,
            Some(Value::Int(number)) => number.map(i64::from),
            _ => None,
        }
    }
}
