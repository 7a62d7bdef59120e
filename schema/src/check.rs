//! What the rules of several nouns check and read alike. It must not know any noun.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};
use url::Url;

use crate::{
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Trims a text that must not be empty; `member` is what the input calls it.
///
/// # Errors
/// `REQUIRED` if a new row lacks it, or if it would become blank.
pub fn filled(draft: &mut Draft, column: &str, member: &str) -> Result<(), Failure> {
    let text = draft.text(column).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text {
        Some(text) => draft.set(column, text),
        None if draft.is_new() || draft.values.contains_key(column) => {
            return Err(fault(Code::Required, member, "This must not be empty."));
        }
        None => {}
    }
    Ok(())
}

/// Rule of rows that need a name and nothing else.
pub fn named<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { filled(draft, "name", "name") })
}

/// The text that a column will have, given the one it has now; blank counts as none.
#[must_use]
pub fn text_after(draft: &Draft, column: &str, now: Option<&str>) -> Option<String> {
    let text = if draft.values.contains_key(column) { draft.text(column) } else { now };
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An http or https address with a host; none if the text is no such address.
#[must_use]
pub fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The number that a column will have, given the one it has now.
#[must_use]
pub fn integer_after(draft: &Draft, column: &str, now: Option<i64>) -> Option<i64> {
    if draft.values.contains_key(column) { draft.integer(column) } else { now }
}

/// The day that a column will have, given the one it has now.
#[must_use]
pub fn day_after(draft: &Draft, column: &str, now: Option<NaiveDate>) -> Option<NaiveDate> {
    match draft.values.get(column) {
        Some(Value::ChronoDate(day)) => *day,
        Some(_) => None,
        None => now,
    }
}

/// Refuses days in the wrong order; `member` is what the input calls the later one.
///
/// # Errors
/// `INVALID_DATE` if both are known and the first is later.
pub fn in_order(first: Option<NaiveDate>, last: Option<NaiveDate>, member: &str) -> Result<(), Failure> {
    match (first, last) {
        (Some(first), Some(last)) if last < first => {
            Err(fault(Code::InvalidDate, member, "The last day must not be before the first."))
        }
        _ => Ok(()),
    }
}

/// Takes a row away from deleted rows of a table, so that only rows that people see keep it from being deleted.
///
/// # Errors
/// The database is out of reach.
pub async fn release(db: &DatabaseTransaction, table: &str, columns: &[&str], number: i64) -> Result<(), DbErr> {
    let cleared: Vec<_> = columns.iter().map(|column| format!("{column} = NULL")).collect();
    let (cleared, column) = (cleared.join(", "), columns[0]);
    let sql = format!("UPDATE {table} SET {cleared} WHERE {column} = $1 AND deleted_at IS NOT NULL");
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [number.into()])).await.map(drop)
}
