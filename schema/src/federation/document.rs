//! Writes the operation that a source is asked: the selected fields that it offers, with filter, order and limit.
//! It must not know HTTP or answers.

use std::{borrow::Cow, fmt::Write};

use super::{
    layout::{Filling, Layout},
    question::{Member, Question},
};

/// An operation for one source, and what its rows will hold.
#[derive(Debug)]
pub struct Document<'a> {
    pub text: String,
    /// What is written for each row: as asked, with what the source lacks replaced by null.
    pub members: Cow<'a, [Member]>,
    /// Fields asked for that the source lacks, as paths from the row.
    pub missing_fields: Vec<String>,
    /// Whether `totalCount` is asked for.
    pub has_total: bool,
    pub aliases: Aliases,
    /// How the rows should come.
    pub layout: Layout,
    /// What is put into them.
    pub fillings: Vec<Filling>,
}

/// Response keys under which the hub asks what it needs itself; none of them is one of the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aliases(String);

impl Aliases {
    /// Keys that no member has.
    #[must_use]
    pub fn beside(members: &[Member]) -> Self {
        let mut prefix = "_".to_owned();
        while members.iter().any(|member| member.key().starts_with(&prefix) && !member.key().starts_with("__")) {
            prefix.push('k');
        }
        Self(prefix)
    }

    /// The key of the row's number.
    #[must_use]
    pub fn number(&self) -> String {
        format!("{}n", self.0)
    }

    /// The key of an order value.
    #[must_use]
    pub fn order(&self, index: usize) -> String {
        format!("{}{index}", self.0)
    }
}

impl<'a> Document<'a> {
    /// The operation for the source of a company that lacks some fields.
    #[must_use]
    pub fn write(question: &'a Question, tenant: i64, lacking: &[String]) -> Self {
        let mut missing_fields = Vec::new();
        let members = prune(&question.members, lacking, "", &mut missing_fields);
        let aliases = Aliases::beside(&question.members);
        let has_total = question.wants_total && !lacking.iter().any(|field| field == "totalCount");
        let mut text = String::with_capacity(256);
        let name = question.collection.root_field();
        write!(text, "{{{name}(first:{}", question.first).expect("a String takes all text");
        arguments(&mut text, question, tenant);
        write!(text, "){{nodes{{{}:number", aliases.number()).expect("a String takes all text");
        for (index, key) in question.order.iter().enumerate() {
            write!(text, " {}:{}", aliases.order(index), key.path).expect("a String takes all text");
        }
        selection(&mut text, &members);
        text.push_str("}pageInfo{hasNextPage}");
        if has_total {
            text.push_str("totalCount");
        }
        text.push_str("}}");
        let (layout, fillings) = Layout::of(question, &members, &aliases);
        Self { text, members, missing_fields, has_total, aliases, layout, fillings }
    }

    /// Members that stand before the client's in each row.
    #[must_use]
    pub fn leading_members(question: &Question) -> usize {
        1 + question.order.len()
    }
}

fn arguments(text: &mut String, question: &Question, tenant: i64) {
    if let Some(after) = &question.after {
        write!(text, ",after:\"{}\"", after.for_tenant(tenant)).expect("a String takes all text");
    }
    if let Some(filter) = filter(question, tenant) {
        write!(text, ",filter:{filter}").expect("a String takes all text");
    }
    if let Some(search) = &question.search {
        // JSON strings are GraphQL strings.
        write!(text, ",search:{}", serde_json::Value::from(search.as_str())).expect("a String takes all text");
    }
    text.push_str(",orderBy:[");
    for key in &question.order {
        let direction = if key.is_descending { "DESC" } else { "ASC" };
        write!(text, "{{field:{},direction:{direction}}}", key.field).expect("a String takes all text");
    }
    text.push(']');
}

/// The client's conditions, and with a viewer's number the one that the rows are assigned to it.
fn filter(question: &Question, tenant: i64) -> Option<String> {
    let Some(number) = question.viewer_numbers.as_ref().and_then(|numbers| numbers.get(&tenant)) else {
        return question.filter.clone();
    };
    let assigned = format!("assignees:{{number:{{eq:{number}}}}}");
    let Some(filter) = &question.filter else { return Some(format!("{{{assigned}}}")) };
    // `and` is optional for a source: it is used only if the client has a condition on the same field.
    match filter.trim_start().strip_prefix('{') {
        Some(rest) if !rest.contains("assignees") => Some(format!("{{{assigned} {rest}")),
        _ => Some(format!("{{{assigned} and:[{filter}]}}")),
    }
}

fn selection(text: &mut String, members: &[Member]) {
    for member in members {
        let (Member::Scalar { key, field, .. } | Member::Object { key, field, .. }) = member else { continue };
        if !text.ends_with('{') {
            text.push(' ');
        }
        if *key != field.name {
            write!(text, "{key}:").expect("a String takes all text");
        }
        text.push_str(&field.name);
        if !field.arguments.is_empty() {
            write!(text, "({})", field.arguments).expect("a String takes all text");
        }
        if let Member::Object { members, .. } = member {
            text.push('{');
            let start = text.len();
            selection(text, members);
            if text.len() == start {
                // Whether the object is there is asked all the same.
                text.push_str("__typename");
            }
            text.push('}');
        }
    }
}

/// Replaces what a source lacks, and notes the paths.
fn prune<'a>(members: &'a [Member], lacking: &[String], path: &str, missing: &mut Vec<String>) -> Cow<'a, [Member]> {
    if lacking.is_empty() {
        return Cow::Borrowed(members);
    }
    let mut pruned = Vec::with_capacity(members.len());
    for member in members {
        pruned.push(match member {
            Member::Scalar { key, field, .. } | Member::Object { key, field, .. } => {
                let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
                if lacking.contains(&path) {
                    if !missing.contains(&path) {
                        missing.push(path);
                    }
                    Member::Missing { key: key.clone() }
                } else if let Member::Object { members, .. } = member {
                    let members = prune(members, lacking, &path, missing).into_owned();
                    Member::Object { key: key.clone(), field: field.clone(), members }
                } else {
                    member.clone()
                }
            }
            other => other.clone(),
        });
    }
    Cow::Owned(pruned)
}

#[cfg(test)]
#[path = "tests/document.rs"]
mod tests;
