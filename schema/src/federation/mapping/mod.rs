//! Sources with a schema of their own: one operation per collection, whose aliases give our field names, says how
//! their rows become ours. `operation` reads it, `leaves` finds our fields in it, `select` and `document` write what
//! is asked, `read` and `pages` make rows of the answers. It must not know HTTP or the database.

pub mod check;
pub mod conversion;
pub mod document;
mod filter;
pub mod leaves;
pub mod numbers;
pub mod operation;
pub mod pages;
mod read;
mod select;
pub mod value;
mod written;

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::{
    conversion::Conversion,
    document::{Identity, MappedDocument},
    leaves::{Leaf, leaves},
    operation::{Operation, Selected},
    written::Written,
};
use super::{
    collection::Collection,
    question::{Fault, Question},
};

/// Variables that an operation may have beside those of conditions.
const KNOWN_VARIABLES: [&str; 5] = ["first", "after", "offset", "search", "orderBy"];
/// The member of the conversions that holds the values of `$orderBy`, by `FIELD_ASC` and `FIELD_DESC`.
const ORDER_BY: &str = "orderBy";

/// What an administrator says of a collection of a foreign schema, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MappingText {
    pub document: String,
    /// Response keys down to the rows, such as `people.nodes` or `people.edges.node`.
    pub rows_path: String,
    pub paging: Paging,
    /// By our field, with dots or double underscores; values of `$orderBy` under `orderBy`.
    pub conversions: Value,
}

/// How a source pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Paging {
    Keyset,
    Cursor,
    Offset,
    None,
}

impl Paging {
    /// The value of `SourcePaging`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keyset => "KEYSET",
            Self::Cursor => "CURSOR",
            Self::Offset => "OFFSET",
            Self::None => "NONE",
        }
    }

    /// The paging with this value of `SourcePaging`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Keyset, Self::Cursor, Self::Offset, Self::None].into_iter().find(|paging| paging.word() == word)
    }

    /// The variable by which a further page is asked for.
    fn variable(self) -> Option<&'static str> {
        match self {
            Self::Keyset | Self::Cursor => Some("after"),
            Self::Offset => Some("offset"),
            Self::None => None,
        }
    }
}

/// What is wrong with a mapping: the member of the input, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MappingFault {
    /// Member of `SourceMappingInput`.
    pub member: &'static str,
    pub message: String,
}

impl MappingFault {
    fn new(member: &'static str, message: impl Into<String>) -> Self {
        Self { member, message: message.into() }
    }
}

/// A mapping that was understood.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub collection: Collection,
    pub paging: Paging,
    operation: Operation,
    /// Fields from the root down to the rows.
    levels: Vec<Level>,
    /// Our fields, by path from the row.
    leaves: BTreeMap<String, Leaf>,
    /// Values of `$orderBy`, by `FIELD_ASC` and `FIELD_DESC`.
    orders: BTreeMap<String, Value>,
    pub text: MappingText,
    written: Written,
}

/// A field on the way to the rows.
#[derive(Clone, Debug)]
struct Level {
    key: String,
    call: String,
    /// `pageInfo` beside the next level, as it is written.
    page_info: Option<String>,
    /// `totalCount` beside the next level, as it is written.
    total: Option<String>,
}

impl Mapping {
    /// Understands a mapping.
    ///
    /// # Errors
    /// The document, the path or a conversion is wrong.
    pub fn read(collection: Collection, text: MappingText) -> Result<Self, MappingFault> {
        let operation = Operation::parse(&text.document)?;
        let (levels, rows) = descend(&operation, &text.rows_path)?;
        let (conversions, orders) = conversions(&text.conversions)?;
        let leaves = leaves(collection, &rows, conversions)?;
        let mapping = Self {
            collection,
            paging: text.paging,
            operation,
            levels,
            leaves,
            orders,
            text,
            written: Written::default(),
        };
        mapping.check_variables()?;
        Ok(mapping)
    }

    /// The operation for a question.
    ///
    /// # Errors
    /// The source cannot answer it, neither itself nor with the hub's help.
    pub fn document(&self, question: &Question, identity: Identity<'_>) -> Result<Arc<MappedDocument>, Fault> {
        self.written.get(self, question, identity)
    }

    fn has_variable(&self, name: &str) -> bool {
        self.operation.variables.iter().any(|variable| variable.name == name)
    }

    fn check_variables(&self) -> Result<(), MappingFault> {
        let wrong = |message: String| Err(MappingFault::new("document", message));
        if let Some(needed) = self.paging.variable().filter(|needed| !self.has_variable(needed)) {
            return wrong(format!("A list with {} paging needs a variable ${needed}.", self.paging.word()));
        }
        if self.paging != Paging::None && !self.has_variable("first") {
            return wrong("A list in pages needs a variable $first.".into());
        }
        if self.paging == Paging::Cursor
            && !self.levels.iter().any(|level| level.page_info.as_ref().is_some_and(|text| text.contains("endCursor")))
        {
            return wrong("A list with CURSOR paging needs pageInfo { hasNextPage endCursor } beside its rows.".into());
        }
        if !self.orders.is_empty() && !self.has_variable(ORDER_BY) {
            return wrong("The conversions have values for $orderBy, which is no variable.".into());
        }
        for variable in &self.operation.variables {
            let is_known =
                KNOWN_VARIABLES.contains(&variable.name.as_str()) || self.condition(&variable.name).is_some();
            if !is_known {
                return wrong(format!("${} is no paging variable and no condition.", variable.name));
            }
        }
        Ok(())
    }

    /// The condition that a variable stands for: `createdAt.gte` for `$createdAt_gte`.
    fn condition(&self, variable: &str) -> Option<String> {
        let condition = variable.replace('_', ".");
        super::contract::has_condition(self.collection, &condition).then_some(condition)
    }

    /// Conditions that the server applies itself, such as `createdAt.gte`.
    #[must_use]
    pub fn filterable(&self) -> Vec<String> {
        self.operation.variables.iter().filter_map(|variable| self.condition(&variable.name)).collect()
    }

    /// Words by which rows can be ordered, by the server or at the hub.
    #[must_use]
    pub fn orderable(&self) -> Vec<String> {
        let is_both = |word: &String| {
            [format!("{word}_ASC"), format!("{word}_DESC")].iter().all(|key| self.orders.contains_key(key))
        };
        let mut words: Vec<String> =
            self.orders.keys().filter_map(|key| key.rsplit_once('_').map(|(word, _)| word.to_owned())).collect();
        words.dedup();
        words.retain(is_both);
        words
    }

    /// Gives up the orders that are not among these words.
    pub fn keep_orders(&mut self, words: &[String]) {
        self.orders.retain(|key, _| {
            words.iter().any(|word| key.strip_suffix("_ASC").or(key.strip_suffix("_DESC")) == Some(word))
        });
    }

    /// What the document selects.
    #[must_use]
    pub fn selected(&self) -> &[Selected] {
        &self.operation.fields
    }

    /// Our fields, as paths from the row.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.leaves.keys().map(String::as_str)
    }
}

/// Fields down to the rows, and what is selected of a row.
fn descend(operation: &Operation, path: &str) -> Result<(Vec<Level>, Vec<Selected>), MappingFault> {
    let (mut levels, mut fields) = (Vec::new(), &operation.fields);
    for key in path.split('.') {
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            return Err(MappingFault::new("rowsPath", format!("The document selects no {key} there.")));
        };
        if field.members.is_empty() {
            return Err(MappingFault::new("rowsPath", format!("Nothing is selected of {key}.")));
        }
        let written = |name: &str| field.member(name).map(whole);
        levels.push(Level {
            key: field.key.clone(),
            call: field.call.clone(),
            page_info: written("pageInfo"),
            total: written("totalCount"),
        });
        fields = &field.members;
    }
    if let Some(last) = levels.last_mut() {
        // Beside the rows, not in them.
        (last.page_info, last.total) = (None, None);
    }
    Ok((levels, fields.clone()))
}

/// A field as it is written in a document.
fn whole(field: &Selected) -> String {
    let mut text = if field.key == field.name { field.call.clone() } else { format!("{}:{}", field.key, field.call) };
    if !field.members.is_empty() {
        let members: Vec<String> = field.members.iter().map(whole).collect();
        text = format!("{text}{{{}}}", members.join(" "));
    }
    text
}

type Orders = BTreeMap<String, Value>;

fn conversions(json: &Value) -> Result<(BTreeMap<String, Conversion>, Orders), MappingFault> {
    let wrong = |message: String| MappingFault::new("conversions", message);
    let (mut conversions, mut orders) = (BTreeMap::new(), Orders::new());
    let members = match json {
        Value::Null => return Ok((conversions, orders)),
        Value::Object(members) => members,
        _ => return Err(wrong("The conversions must be an object.".into())),
    };
    for (path, how) in members {
        if path == ORDER_BY {
            let Value::Object(values) = how else {
                return Err(wrong("orderBy must hold a value for each FIELD_ASC and FIELD_DESC.".into()));
            };
            orders.extend(values.iter().map(|(order, value)| (order.clone(), value.clone())));
            continue;
        }
        let conversion =
            Conversion::deserialize(how).map_err(|_| wrong(format!("{path} has no conversion of the list.")))?;
        conversions.insert(path.replace("__", "."), conversion);
    }
    Ok((conversions, orders))
}

#[cfg(test)]
mod tests;
