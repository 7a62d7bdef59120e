//! One answer of a foreign server: its rows as ours, and how to go on. It must not know how it was asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::{
    document::MappedDocument,
    value::{Found, Made},
};
use crate::federation::{
    cursor::Cursor,
    key::Key,
    project::{Members, Projection, WrongShape},
    question::{Fault, Question, Status},
    read::{clean, data, wrong},
};

/// What one answer holds.
#[derive(Debug, Default)]
pub struct Page {
    /// Places of all rows, with the finished ones; a row that the hub's tests drop has no text.
    pub rows: Vec<(Cursor, Option<String>)>,
    pub has_more: bool,
    /// The source's own cursor after the last row.
    pub end_cursor: Option<String>,
    pub total: Option<i64>,
    /// Why single fields are null.
    pub error: Option<Fault>,
}

/// An answer whose rows are found, not yet read.
pub struct Raw<'a> {
    elements: Vec<Members<'a>>,
    has_more: Option<bool>,
    end_cursor: Option<String>,
    total: Option<i64>,
    error: Option<Fault>,
}

impl<'a> Raw<'a> {
    /// Finds the rows of an answer.
    ///
    /// # Errors
    /// The source refused, or the answer is not what was asked for.
    pub fn find(body: &'a str, document: &MappedDocument) -> Result<Self, Fault> {
        let (data, error) = data(body)?;
        let found =
            rows(data, &document.rows).map_err(|shape| error.clone().unwrap_or_else(|| at("The list", &shape)))?;
        let elements = found
            .into_iter()
            .enumerate()
            .map(|(index, row)| Members::parse(row).map_err(|shape| at(&format!("Row {}", index + 1), &shape)));
        let elements = elements.collect::<Result<_, _>>()?;
        let mut raw = Self { elements, has_more: None, end_cursor: None, total: None, error };
        if let Some(path) = &document.page_info {
            let page_info = step(data, path.iter().map(String::as_str).chain(["pageInfo"]));
            let page_info =
                page_info.and_then(|info| Members::parse(info).ok()).ok_or_else(|| wrong("pageInfo is absent."))?;
            let has_more = page_info.get("hasNextPage").and_then(|value| value.get().parse().ok());
            raw.has_more = Some(has_more.ok_or_else(|| wrong("pageInfo.hasNextPage is no Boolean."))?);
            raw.end_cursor = page_info.get("endCursor").and_then(|value| serde_json::from_str(value.get()).ok());
        }
        if let Some(path) = &document.total {
            let total = step(data, path.iter().map(String::as_str).chain(["totalCount"]));
            raw.total = total.and_then(|total| innermost(total)?.get().parse().ok());
        }
        Ok(raw)
    }

    /// Foreign keys of rows and objects that need numbers of the hub, by type.
    #[must_use]
    pub fn keys(&self, document: &MappedDocument) -> BTreeMap<&'static str, BTreeSet<String>> {
        let mut keys: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for found in document.assigned() {
            let Some((_, of)) = found.assigned else { continue };
            let texts = self.elements.iter().filter_map(|row| {
                let json = found.conversion.as_ref()?.apply(found.raw(row).ok()?)?;
                serde_json::from_str::<Option<String>>(&json).ok()?
            });
            keys.entry(of).or_default().extend(texts);
        }
        keys
    }

    /// Reads the rows; `first` is how many were asked for, none if all.
    ///
    /// # Errors
    /// A row is not what was promised, or stands in the wrong place.
    pub fn read(
        self,
        question: &Question,
        document: &MappedDocument,
        tenant: i64,
        first: Option<usize>,
    ) -> Result<Page, Fault> {
        if let Some(first) = first.filter(|first| self.elements.len() > *first) {
            let message = format!("{first} rows were asked for and {} came.", self.elements.len());
            return Err(Fault::new(Status::Invalid, "TOO_MANY_ROWS", message));
        }
        let count = self.elements.len();
        let mut rows: Vec<(Cursor, Option<String>)> = Vec::with_capacity(count);
        for (index, row) in self.elements.iter().enumerate() {
            let name = || format!("Row {}", index + 1);
            let place = place(row, question, document, tenant).map_err(|shape| at(&name(), &shape))?;
            if document.is_ordered && rows.last().is_some_and(|(previous, _)| !may_follow(previous, &place, document)) {
                let message = format!("{} is not in the order that was asked for.", name());
                return Err(Fault::new(Status::Invalid, "OUT_OF_ORDER", message));
            }
            if !is_wanted(row, document).map_err(|shape| at(&name(), &shape))? {
                rows.push((place, None));
                continue;
            }
            let tenant_json = |slot| question.tenant_json.get(&(slot, tenant)).map_or("null", String::as_str);
            let mut projection = Projection { tenant_json: &tenant_json, out: String::with_capacity(128) };
            projection.object(&document.members, row, 1 + question.order.len()).map_err(|shape| at(&name(), &shape))?;
            rows.push((place, Some(projection.out)));
        }
        // One row more than the page was asked for if the server does not tell.
        let has_more = self.has_more.unwrap_or_else(|| first.is_some_and(|first| count == first));
        if has_more && rows.is_empty() {
            return Err(wrong("More rows are promised after an empty page."));
        }
        let error = self.error.map(|fault| Fault { status: Status::Partial, ..fault });
        Ok(Page { rows, has_more, end_cursor: self.end_cursor, total: self.total, error })
    }
}

/// Whether a row passes the hub's own tests.
fn is_wanted(row: &Members<'_>, document: &MappedDocument) -> Result<bool, WrongShape> {
    let Some(condition) = &document.condition else { return Ok(true) };
    condition.holds(&mut |path| match document.tested.get(path) {
        Some(Made::Leaf(found)) => found.all(row),
        Some(Made::Constant(json)) => Ok(vec![json.clone()]),
        _ => Ok(vec!["null".to_owned()]),
    })
}

/// A source with a cursor of its own may have equal order values in any order.
fn may_follow(previous: &Cursor, next: &Cursor, document: &MappedDocument) -> bool {
    if document.keeps_place() { previous.keys() <= next.keys() } else { previous < next }
}

fn place(row: &Members<'_>, question: &Question, document: &MappedDocument, tenant: i64) -> Result<Cursor, WrongShape> {
    let named = |found: &Found, name: &str| found.json(row).map_err(|shape| WrongShape(format!("{name} {shape}")));
    let number: i32 =
        named(&document.number, "number")?.parse().map_err(|_| WrongShape("number is no whole number".into()))?;
    let mut keys = Vec::with_capacity(document.order.len());
    for (found, order) in document.order.iter().zip(&question.order) {
        let json = named(found, &order.path)?;
        let raw: &RawValue = serde_json::from_str(&json).map_err(|_| WrongShape("is no JSON".into()))?;
        keys.push(Key::read(raw, order).ok_or_else(|| WrongShape(format!("{} is no order value", order.path)))?);
    }
    Ok(Cursor::new(keys, tenant, number.into()))
}

/// The rows under a path: the list is the first list on the way, what follows leads into each of its elements.
fn rows<'a>(data: &'a RawValue, path: &[String]) -> Result<Vec<&'a RawValue>, WrongShape> {
    let mut current = data;
    for (depth, key) in path.iter().enumerate() {
        current = Members::parse(current)?.get(key).ok_or_else(|| WrongShape(format!("lacks {key}")))?;
        if current.get().starts_with('[') {
            let elements: Vec<&RawValue> =
                serde_json::from_str(current.get()).map_err(|_| WrongShape("is no list".into()))?;
            let rest = &path[depth + 1..];
            let inside =
                |element| step(element, rest.iter().map(String::as_str)).ok_or_else(|| WrongShape("has no row".into()));
            return elements.into_iter().map(inside).collect();
        }
    }
    Err(WrongShape("is no list".into()))
}

fn step<'a, 'b>(from: &'a RawValue, keys: impl Iterator<Item = &'b str>) -> Option<&'a RawValue> {
    let mut current = from;
    for key in keys {
        current = Members::parse(current).ok()?.get(key)?;
    }
    Some(current)
}

/// The value that stands for an object: that of its only member.
fn innermost(raw: &RawValue) -> Option<&RawValue> {
    let mut current = raw;
    while current.get().starts_with('{') {
        current = Members::parse(current).ok()?.only()?;
    }
    Some(current)
}

fn at(place: &str, shape: &WrongShape) -> Fault {
    wrong(format!("{place}: {}.", clean(&shape.0)))
}
