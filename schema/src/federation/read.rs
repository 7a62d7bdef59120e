//! Reads a source's answer: checks its form, count and order, and makes finished rows of it. A source that breaks the
//! contract gives no rows at all. It must not know HTTP.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    cursor::{Cursor, Place},
    document::Document,
    key::Key,
    merge::Batch,
    project::{Members, Projection, WrongShape},
    question::{Fault, Question, Status},
};

/// Longest text of a source that is passed on.
const LONGEST_MESSAGE: usize = 300;

/// What a source gave.
#[derive(Debug)]
pub struct Reading {
    /// Finished rows in order.
    pub batch: Batch<String>,
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
pub fn read(body: &str, question: &Question, document: &Document<'_>, tenant: i64) -> Result<Reading, Fault> {
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
    let has_more = connection.page_info.has_next_page;
    if connection.nodes.is_empty() && has_more {
        return Err(wrong("More rows are promised after an empty page."));
    }
    let rows = rows(&connection.nodes, question, document, tenant)?;
    let total = connection.total_count.filter(|_| document.has_total);
    let error = error.map(|fault| Fault { status: Status::Partial, ..fault });
    Ok(Reading { batch: Batch { rows, has_more }, total, error, places: Vec::new() })
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

fn rows(
    nodes: &[&RawValue],
    question: &Question,
    document: &Document<'_>,
    tenant: i64,
) -> Result<Vec<(Cursor, String)>, Fault> {
    let tenant_json = |slot| question.tenant_json.get(&(slot, tenant)).map_or("null", String::as_str);
    let mut rows: Vec<(Cursor, String)> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let at = |error: WrongShape| wrong(format!("Row {}: {}.", index + 1, clean(&error.0)));
        let row = Members::parse(node).map_err(at)?;
        let place = place(&row, question, document, tenant).map_err(at)?;
        let previous = rows.last().map(|(cursor, _)| cursor).or(question.after.as_ref());
        if previous.is_some_and(|previous| *previous >= place) {
            let message = format!("Row {} is not in the order that was asked for.", index + 1);
            return Err(Fault::new(Status::Invalid, "OUT_OF_ORDER", message));
        }
        let mut projection = Projection { tenant_json: &tenant_json, out: String::with_capacity(node.get().len()) };
        projection.object(&document.members, &row, Document::leading_members(question)).map_err(at)?;
        rows.push((place, projection.out));
    }
    Ok(rows)
}

fn place(row: &Members<'_>, question: &Question, document: &Document<'_>, tenant: i64) -> Result<Cursor, WrongShape> {
    let number = row.get(&document.aliases.number()).and_then(|number| number.get().parse().ok());
    let number: i32 = number.ok_or_else(|| WrongShape("number is no whole number".into()))?;
    let mut keys = Vec::with_capacity(question.order.len());
    for (index, order) in question.order.iter().enumerate() {
        let value = row.get(&document.aliases.order(index)).and_then(|value| Key::read(value, order));
        keys.push(value.ok_or_else(|| WrongShape(format!("{} is no order value", order.path)))?);
    }
    Ok(Cursor::new(keys, tenant, number.into()))
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
