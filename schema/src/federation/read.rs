//! Reads a source's answer: checks its form, count and order, and makes finished rows of it. What keeps to the question
//! is scanned; all else is parsed here, member by member. A source that breaks the contract gives no rows at all.
//! It must not know HTTP.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    cursor::Place,
    document::Document,
    key::leaf,
    project::{Members, Projection, WrongShape},
    question::{Fault, Question, Status},
    rows::Rows,
    scan::{self, Paths},
};

/// Longest text of a source that is passed on.
const LONGEST_MESSAGE: usize = 300;

/// What a source gave.
#[derive(Debug)]
pub struct Reading {
    /// In order.
    pub rows: Rows,
    /// Whether the source has rows beyond these.
    pub has_more: bool,
    /// Rows that match at the source, if it counted.
    pub total: Option<i64>,
    /// Why single fields are null.
    pub error: Option<Fault>,
    /// Where a source with cursors of its own is left before the first row and after each; else empty.
    pub places: Vec<Place>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    errors: Vec<SourceError>,
}

#[derive(Deserialize)]
struct SourceError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    #[serde(borrow)]
    nodes: Vec<&'a RawValue>,
    page_info: PageInfo,
    #[serde(default)]
    total_count: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

/// Reads the answer to a question that was put in a document to the source of a company.
///
/// # Errors
/// The source refused, or the answer is not what was asked for.
pub fn read(body: &Arc<String>, question: &Question, document: &Document<'_>, tenant: i64) -> Result<Reading, Fault> {
    let reading = match scanned(body, question, document, tenant) {
        Some(reading) => reading,
        None => parsed(body, question, document, tenant)?,
    };
    check_order(&reading.rows, question)?;
    Ok(reading)
}

/// The answer in one walk, if it keeps to the question.
#[must_use]
pub fn scanned(body: &Arc<String>, question: &Question, document: &Document<'_>, tenant: i64) -> Option<Reading> {
    let fillings = document.fillings.iter().map(|filling| filling.text(question, tenant));
    let mut rows = Rows::of(body.clone(), tenant, fillings.collect());
    let root = question.collection.root_field();
    let (nodes, has_more, total) = ([root, "nodes"], [root, "pageInfo", "hasNextPage"], [root, "totalCount"]);
    let total = document.has_total.then_some(&total[..]);
    let paths = Paths { rows: Some(&nodes), has_more: Some(&has_more), total };
    let around = scan::answer(body, (&document.layout, &question.order), paths, &mut rows)?;
    let has_more = around.has_more?;
    let is_page = rows.len() <= question.first && !(rows.is_empty() && has_more);
    is_page.then_some(Reading { rows, has_more, total: around.total, error: None, places: Vec::new() })
}

/// The answer member by member.
///
/// # Errors
/// The source refused, or the answer is not what was asked for.
pub fn parsed(body: &Arc<String>, question: &Question, document: &Document<'_>, tenant: i64) -> Result<Reading, Fault> {
    let (data, error) = data(body)?;
    let connection = Members::parse(data).ok().and_then(|data| data.get(question.collection.root_field()));
    let Some(connection) = connection.filter(|connection| connection.get() != "null") else {
        return Err(error.unwrap_or_else(|| wrong("The answer lacks the list.")));
    };
    let connection: Connection = serde_json::from_str(connection.get())
        .map_err(|error| wrong(format!("The list has the wrong form: {}.", clean(&error.to_string()))))?;
    if connection.nodes.len() > question.first {
        let message = format!("{} rows were asked for and {} came.", question.first, connection.nodes.len());
        return Err(Fault::new(Status::Invalid, "TOO_MANY_ROWS", message));
    }
    // Whoever asks for no rows, because only the count matters, gets none of those that there are.
    let has_more = connection.page_info.has_next_page && question.first > 0;
    if connection.nodes.is_empty() && has_more {
        return Err(wrong("More rows are promised after an empty page."));
    }
    let mut rows = Rows::of(body.clone(), tenant, Vec::new());
    for (index, node) in connection.nodes.iter().enumerate() {
        row(node, question, document, &mut rows)
            .map_err(|error| wrong(format!("Row {}: {}.", index + 1, clean(&error.0))))?;
    }
    let total = connection.total_count.filter(|_| document.has_total);
    let error = error.map(|fault| Fault { status: Status::Partial, ..fault });
    Ok(Reading { rows, has_more, total, error, places: Vec::new() })
}

/// Strictly ascending, beginning after the cursor.
fn check_order(rows: &Rows, question: &Question) -> Result<(), Fault> {
    let order = &question.order;
    let is_before = |row: usize| match row.checked_sub(1) {
        Some(before) => rows.compare(before, rows, row, order).is_lt(),
        None => question.after.as_ref().is_none_or(|after| *after < rows.cursor(row, order)),
    };
    match (0..rows.len()).find(|row| !is_before(*row)) {
        None => Ok(()),
        Some(row) => {
            let message = format!("Row {} is not in the order that was asked for.", row + 1);
            Err(Fault::new(Status::Invalid, "OUT_OF_ORDER", message))
        }
    }
}

/// The `data` of an answer, and what its `errors` say.
///
/// # Errors
/// The answer is no GraphQL answer, or holds no data.
pub fn data(body: &str) -> Result<(&RawValue, Option<Fault>), Fault> {
    let envelope: Envelope = serde_json::from_str(body).map_err(|error| {
        let message = format!("The answer is no GraphQL answer: {}.", clean(&error.to_string()));
        Fault::new(Status::Invalid, "MALFORMED", message)
    })?;
    let fault = envelope.errors.first().map(SourceError::fault);
    match envelope.data.filter(|data| data.get() != "null") {
        Some(data) => Ok((data, fault)),
        None => Err(fault.unwrap_or_else(|| wrong("The answer holds no data."))),
    }
}

fn row(node: &RawValue, question: &Question, document: &Document<'_>, rows: &mut Rows) -> Result<(), WrongShape> {
    let row = Members::parse(node)?;
    let number = row.get(&document.aliases.number()).and_then(|number| number.get().parse().ok());
    let number: i32 = number.ok_or_else(|| WrongShape("number is no whole number".into()))?;
    for (index, order) in question.order.iter().enumerate() {
        let value = row.get(&document.aliases.order(index)).and_then(leaf);
        let value = value.and_then(|value| rows.write_value(value.get(), order));
        value.ok_or_else(|| WrongShape(format!("{} is no order value", order.path)))?;
    }
    let tenant_json = |slot| question.tenant_json.get(&(slot, rows.tenant)).map_or("null", String::as_str);
    let mut projection = Projection { tenant_json: &tenant_json, out: String::with_capacity(node.get().len()) };
    projection.object(&document.members, &row, Document::leading_members(question))?;
    let out = projection.out;
    rows.write(&out);
    rows.end(number.into());
    Ok(())
}

impl SourceError {
    fn fault(&self) -> Fault {
        let code = self.extensions.as_ref().and_then(|extensions| extensions.code.as_deref());
        let message = if self.message.is_empty() { "No reason was given.".into() } else { clean(&self.message) };
        match code {
            Some("UNAUTHENTICATED") => Fault::new(Status::Refused, "UNAUTHENTICATED", message),
            Some("FORBIDDEN") => Fault::new(Status::Refused, "FORBIDDEN", message),
            _ => Fault::new(Status::Invalid, "SOURCE_ERRORS", message),
        }
    }
}

pub(super) fn wrong(message: impl Into<String>) -> Fault {
    Fault::new(Status::Invalid, "WRONG_SHAPE", message)
}

/// Text of a source without control characters, cut to a bearable length.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
#[path = "tests/read.rs"]
mod tests;
