//! The question as the mapped operation: the same fields down to the rows, of a row only what is needed, and values
//! for its variables. It must not know answers.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Mapping, Paging,
    conversion::Conversion,
    filter::Filter,
    numbers::Numbers,
    operation::variables_in,
    select::Writer,
    value::{Found, Made},
};
use crate::federation::{
    condition::Condition,
    cursor::Place,
    layout::{Filling, Layout, What},
    question::{Fault, Member, Question, Status},
};

/// Most rows of a page that a foreign server is asked for.
const LARGEST_PAGE: usize = 100;

/// What a source is asked of a collection, page for page.
#[derive(Debug)]
pub struct MappedDocument {
    pub text: String,
    /// Values that stay the same for all pages.
    variables: BTreeMap<String, Value>,
    paging: Paging,
    /// Response keys down to the list, or on into its elements.
    pub rows: Vec<String>,
    /// Response keys down to the object that holds `pageInfo`; none if it says nothing.
    pub page_info: Option<Vec<String>>,
    /// Response keys down to the object that holds `totalCount`; none if it is not asked for.
    pub total: Option<Vec<String>>,
    pub number: Found,
    pub order: Vec<Found>,
    /// What the hub tests rows for itself, and where the tested fields are.
    pub condition: Option<Condition>,
    pub tested: BTreeMap<String, Made>,
    /// What is written of each row.
    pub members: Vec<Member>,
    pub missing_fields: Vec<String>,
    /// Whether the server orders the rows as the question says.
    pub is_ordered: bool,
    /// How rows should come that can be copied, and what is put into them; none if the hub makes more of them.
    pub layout: Option<(Layout, Vec<Filling>)>,
    /// The body of the only call, if all rows come at once.
    whole: OnceLock<Bytes>,
}

/// What an id and a number of the source need.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    pub tenant: i64,
    pub instance: Uuid,
    pub numbers: &'a Arc<Numbers>,
}

impl MappedDocument {
    /// The operation for a question.
    ///
    /// # Errors
    /// The source cannot answer it, neither itself nor with the hub's help.
    pub fn write(mapping: &Mapping, question: &Question, identity: Identity<'_>) -> Result<Self, Fault> {
        let prefix = prefix(&question.members);
        let mut writer = Writer {
            mapping,
            prefix: &prefix,
            instance: identity.instance,
            numbers: identity.numbers,
            missing: Vec::new(),
            count: 0,
            number: None,
        };
        let mut selection = "{".to_owned();
        let number =
            writer.value("number", &mut selection).ok_or_else(|| skipped("NOT_OFFERED", "Its rows have no number."))?;
        writer.number = Some(number.clone());
        let mut order = Vec::with_capacity(question.order.len());
        for key in &question.order {
            let path = key.path.replace([' ', '}'], "").replace('{', ".");
            let value = match path.as_str() {
                // Digits at the end of a text are read once.
                "number" if number.conversion.is_some() => Some(number.clone()),
                _ => writer.value(&path, &mut selection),
            };
            let refused = || skipped("ORDER_NOT_OFFERED", format!("It cannot be ordered by {}.", key.field));
            let value = value.ok_or_else(refused)?;
            // The object around it may be null as a whole.
            let is_nullable = value.is_nullable || path.contains('.');
            order.push(Found { is_nullable, ..value });
        }
        let filter = Filter::of(mapping, question, identity.tenant);
        let tested = tested(&mut writer, &filter, &mut selection)?;
        let members = writer.row(&question.members, &mut selection);
        selection.push('}');
        let mut document = Self {
            text: String::new(),
            variables: BTreeMap::new(),
            paging: mapping.paging,
            rows: mapping.levels.iter().map(|level| level.key.clone()).collect(),
            page_info: around(mapping, |level| level.page_info.is_some()),
            total: around(mapping, |level| level.total.is_some()).filter(|_| question.wants_total),
            number,
            order,
            condition: None,
            tested,
            members,
            missing_fields: writer.missing,
            is_ordered: false,
            layout: None,
            whole: OnceLock::new(),
        };
        document.push_down(mapping, question, filter)?;
        document.text = operation(mapping, &selection, document.total.is_some());
        document.keep_used();
        document.layout = document.copied(question);
        Ok(document)
    }

    /// Gives the source what it can do itself.
    fn push_down(&mut self, mapping: &Mapping, question: &Question, filter: Filter) -> Result<(), Fault> {
        self.variables.extend(filter.pushed);
        self.condition = filter.left;
        if let [key] = question.order.as_slice() {
            let direction = if key.is_descending { "DESC" } else { "ASC" };
            if let Some(value) = mapping.orders.get(&format!("{}_{direction}", key.field)) {
                self.variables.insert("orderBy".into(), value.clone());
                self.is_ordered = true;
            }
        }
        if self.paging == Paging::Keyset && !self.is_ordered {
            return Err(skipped("ORDER_NOT_OFFERED", "It pages by order values, and has none for this order."));
        }
        if let Some(search) = &question.search {
            if !mapping.has_variable("search") {
                return Err(skipped("SEARCH_NOT_OFFERED", "It cannot be searched."));
            }
            self.variables.insert("search".into(), search.as_str().into());
        }
        Ok(())
    }

    /// A variable that is not used any more would be an error at the server.
    fn keep_used(&mut self) {
        let used: Vec<String> = variables_in(&self.text).into_iter().map(str::to_owned).collect();
        self.variables.retain(|name, _| used.contains(name));
    }

    /// The layout of rows of which all that is asked for can be copied.
    fn copied(&self, question: &Question) -> Option<(Layout, Vec<Filling>)> {
        let plain = |found: &Found| found.keys.len() == 1 && found.conversion.is_none();
        let is_digits = matches!(self.number.conversion.as_deref(), Some(Conversion::TrailingDigits));
        let is_order = is_digits && self.order.iter().all(|found| *found == self.number);
        let is_copied = self.condition.is_none()
            && (is_order || self.order.iter().all(plain))
            && (!is_order || question.order.len() == 1)
            && self.number.keys.len() == 1
            && (is_digits || self.number.conversion.is_none())
            && self.members.iter().all(|member| is_copied(member, &self.number));
        let orders: Vec<String> = self.order.iter().filter(|_| !is_order).map(|found| found.keys[0].clone()).collect();
        let number = if is_digits { What::TrailingDigits { is_order } } else { What::Number };
        is_copied.then(|| Layout::led_by((&self.number.keys[0], number), &orders, &self.members))
    }

    /// Where the first page begins.
    #[must_use]
    pub fn start(&self) -> Place {
        Place { cursor: None, skip: 0, is_offset: self.paging == Paging::Offset }
    }

    /// Whether all rows come at once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.paging == Paging::None
    }

    /// Rows of the next page, and the body of the call that asks for it after a place.
    #[must_use]
    pub fn page(&self, wanted: usize, after: &Place, keyset: Option<&str>) -> (usize, Bytes) {
        // Without a word from the server, one row more tells whether there are more.
        let extra = usize::from(self.page_info.is_none());
        // Where the hub drops rows, it takes as many as it gets.
        let wanted = if self.condition.is_some() { LARGEST_PAGE } else { wanted };
        let first = (wanted + extra).clamp(1, LARGEST_PAGE + extra);
        if self.is_whole() {
            return (first, self.whole.get_or_init(|| self.body(&self.variables)).clone());
        }
        let mut variables = self.variables.clone();
        variables.insert("first".into(), first.into());
        let (name, value): (&str, Option<Value>) = match self.paging {
            Paging::Keyset => ("after", keyset.map(Value::from)),
            Paging::Cursor => ("after", after.cursor.as_deref().map(Value::from)),
            Paging::Offset => ("offset", Some(after.skip.into())),
            Paging::None => ("", None),
        };
        variables.extend(value.map(|value| (name.to_owned(), value)));
        (first, self.body(&variables))
    }

    fn body(&self, variables: &BTreeMap<String, Value>) -> Bytes {
        json!({ "query": self.text, "variables": variables }).to_string().into()
    }

    /// Whether the source keeps its own place instead of taking ours.
    #[must_use]
    pub fn keeps_place(&self) -> bool {
        self.is_ordered && matches!(self.paging, Paging::Cursor | Paging::Offset)
    }

    /// Values that may need numbers of the hub.
    #[must_use]
    pub fn assigned(&self) -> Vec<&Found> {
        let tested =
            self.tested.values().filter_map(|made| if let Made::Leaf(found) = made { Some(found) } else { None });
        let mut all: Vec<&Found> = std::iter::once(&self.number).chain(&self.order).chain(tested).collect();
        found_in(&self.members, &mut all);
        all.retain(|found| found.assigned.is_some());
        all
    }

    /// How it pages.
    #[must_use]
    pub fn paging(&self) -> Paging {
        self.paging
    }
}

/// Asks for the fields that the hub tests itself.
fn tested(writer: &mut Writer<'_>, filter: &Filter, selection: &mut String) -> Result<BTreeMap<String, Made>, Fault> {
    let refused = |name: &str| skipped("FILTER_NOT_OFFERED", format!("It cannot be filtered by {name}."));
    let mut tests = Vec::new();
    if let Some(left) = &filter.left {
        left.tests(&mut tests).map_err(refused)?;
    }
    let mut found = BTreeMap::new();
    for test in tests {
        for path in &test.paths {
            if found.contains_key(path) {
                continue;
            }
            if let Some(made) = writer.tested(path, selection) {
                found.insert(path.clone(), made);
            }
        }
        if !test.paths.iter().any(|path| found.contains_key(path)) {
            return Err(refused(&test.name));
        }
    }
    Ok(found)
}

/// Values that members of a row are made of; those inside lists and nested objects are numbered where they lie.
fn found_in<'a>(members: &'a [Member], out: &mut Vec<&'a Found>) {
    for member in members {
        match member {
            Member::Made { made: Made::Leaf(found) | Made::Id { number: found, .. }, .. } => out.push(found),
            Member::Made { made: Made::Object { members, .. }, .. } => found_in(members, out),
            _ => {}
        }
    }
}

/// The document with a selection of a row.
fn operation(mapping: &Mapping, selection: &str, has_total: bool) -> String {
    let mut body = String::with_capacity(256);
    for level in &mapping.levels {
        body.push('{');
        if level.key != level.call {
            write!(body, "{}:", level.key).expect("a String takes all text");
        }
        body.push_str(&level.call);
    }
    body.push_str(selection);
    for level in mapping.levels.iter().rev().skip(1) {
        if let Some(page_info) = &level.page_info {
            write!(body, " {page_info}").expect("a String takes all text");
        }
        if let Some(total) = level.total.as_ref().filter(|_| has_total) {
            write!(body, " {total}").expect("a String takes all text");
        }
        body.push('}');
    }
    body.push('}');
    let used = variables_in(&body);
    let declared = mapping.operation.variables.iter().filter(|variable| used.contains(variable.name.as_str()));
    let declared: Vec<String> =
        declared.map(|variable| format!("${}:{}", variable.name, variable.declaration)).collect();
    let head = if declared.is_empty() { String::new() } else { format!("query({})", declared.join(",")) };
    head + &body
}

/// Response keys down to the field beside whose rows something stands.
fn around(mapping: &Mapping, has: impl Fn(&super::Level) -> bool) -> Option<Vec<String>> {
    let depth = mapping.levels.iter().position(has)?;
    Some(mapping.levels[..=depth].iter().map(|level| level.key.clone()).collect())
}

fn skipped(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(Status::Skipped, code, message)
}

/// Whether a member can be copied; ids only of the row itself.
fn is_copied(member: &Member, number: &Found) -> bool {
    match member {
        Member::Object { members, .. } => members
            .iter()
            .all(|member| is_copied(member, number) && !matches!(member, Member::Made { made: Made::Id { .. }, .. })),
        Member::Made { made: Made::Id { number: own, .. }, .. } => own == number,
        Member::Made { made: Made::Leaf(_) | Made::Object { .. }, .. } => false,
        _ => true,
    }
}

/// What none of the client's keys begins with, at whatever depth.
fn prefix(members: &[Member]) -> String {
    let mut prefix = "_".to_owned();
    while is_taken(members, &prefix) {
        prefix.push('k');
    }
    prefix
}

fn is_taken(members: &[Member], prefix: &str) -> bool {
    members.iter().any(|member| {
        let is_own = member.key().starts_with(prefix) && !member.key().starts_with("__");
        is_own || matches!(member, Member::Object { members, .. } if is_taken(members, prefix))
    })
}
