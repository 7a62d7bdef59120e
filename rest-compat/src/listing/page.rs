//! Which rows of a list: `limit` and `offset`, or `page` and `per_page`; and in which order.

use serde_json::{Map, Value};

use super::envelope::Envelope;
use crate::{
    bind::text,
    failure::{Failure, WRONG},
};

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub size: usize,
    pub skip: usize,
    /// From 1.
    pub number: usize,
}

/// Rows of a page of the families whose documents state no limit.
const MOST: usize = 1_000;
/// Rows of a page of the others.
const MOST_STATED: usize = 100;

/// Reads the page.
///
/// # Errors
/// A number is none, or out of range.
pub fn read(envelope: Envelope, query: &Map<String, Value>) -> Result<Page, Vec<Failure>> {
    let is_stated = !matches!(envelope, Envelope::A | Envelope::D | Envelope::E | Envelope::G);
    let most = if is_stated { MOST_STATED } else { MOST };
    if envelope == Envelope::B && !query.contains_key("page") && !query.contains_key("per_page") {
        let size = number(query, "limit", 50, (1, most))?;
        let skip = number(query, "offset", 0, (0, usize::MAX))?;
        return Ok(Page { size, skip, number: skip / size + 1 });
    }
    let usual = match envelope {
        Envelope::H => 20,
        Envelope::B => 50,
        _ => 25,
    };
    let size = number(query, "per_page", usual, (1, most))?;
    let page = number(query, "page", 1, (1, usize::MAX / MOST))?;
    Ok(Page { size, skip: (page - 1) * size, number: page })
}

fn number(
    query: &Map<String, Value>,
    name: &str,
    usual: usize,
    (least, most): (usize, usize),
) -> Result<usize, Vec<Failure>> {
    let Some(given) = query.get(name).map(text::of).filter(|text| !text.is_empty()) else { return Ok(usual) };
    let wrong = |says: &str| vec![Failure::of(WRONG, name, says)];
    let number: usize = given.trim().parse().map_err(|_| wrong("must be a whole number that is not negative"))?;
    if number < least || number > most {
        return Err(wrong(&format!("must be from {least} to {most}")));
    }
    Ok(number)
}

/// Fields to sort by, and whether downwards.
///
/// # Errors
/// A direction or a list that cannot be read.
pub fn sorts(query: &Map<String, Value>) -> Result<Vec<(String, bool)>, Vec<Failure>> {
    let wrong = |name: &str, says: &str| vec![Failure::of(WRONG, name, says)];
    if let Some(given) = query.get("sortBy") {
        let list = match given {
            Value::String(text) => serde_json::from_str(text).map_err(|_| wrong("sortBy", "must be a list"))?,
            other => other.clone(),
        };
        let items = if let Value::Array(items) = list { items } else { vec![list] };
        let term = |item: &Value| {
            let item: Value = match item {
                Value::String(text) => serde_json::from_str(text).ok()?,
                other => other.clone(),
            };
            Some((item.get("field")?.as_str()?.to_owned(), is_down(item.get("type")?.as_str()?)?))
        };
        let terms: Option<Vec<_>> = items.iter().map(term).collect();
        return terms.ok_or_else(|| wrong("sortBy", "must be a list of `field` and `type`, which is asc or desc"));
    }
    let direction = ["order", "sortPageOrder"].iter().find_map(|name| Some((*name, query.get(*name)?)));
    let down = match direction {
        Some((name, given)) => Some(is_down(&text::of(given)).ok_or_else(|| wrong(name, "must be asc or desc"))?),
        None => None,
    };
    let Some(field) = query.get("sort").map(text::of).filter(|field| !field.is_empty()) else {
        return Ok(down.map(|is_down| ("_id".to_owned(), is_down)).into_iter().collect());
    };
    Ok(match field.strip_prefix('-') {
        Some(field) => vec![(field.to_owned(), true)],
        None => vec![(field, down.unwrap_or_else(|| query.contains_key("limit")))],
    })
}

fn is_down(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "asc" => Some(false),
        // Misspelt by an older client.
        "desc" | "dsc" => Some(true),
        _ => None,
    }
}
