//! Pages of a connection: which rows, and what is written of the page.

use async_graphql::Value;

use super::{
    coerce::Arguments,
    collect::{Item, Selected, collect},
    order::{self, Keyset, Term},
    plan::{Plan, ROOT, pairs, quoted},
    request::Request,
    sql::column,
};
use crate::error::Error;

/// Rows that a page has if none are asked for.
pub const DEFAULT: usize = 25;
/// Rows that a plain list of settings has at most.
pub const MOST_SETTINGS: usize = 500;

/// Which rows of an ordered list.
#[derive(Clone, Debug)]
pub struct Page {
    pub size: usize,
    pub skip: usize,
    /// Rows strictly beyond this one.
    pub keyset: Option<Keyset>,
    /// Read from the end (`last`, `before`).
    pub is_backward: bool,
    /// Free text, for lists below a row.
    pub search: Option<String>,
}

/// What is written of a page.
pub enum Part {
    Typename {
        key: String,
        name: String,
    },
    Nodes {
        key: String,
        view: usize,
    },
    /// `cursor` is none where it is not asked for.
    Edges {
        key: String,
        members: Vec<EdgeMember>,
    },
    PageInfo {
        key: String,
        members: Vec<(String, String)>,
    },
    TotalCount {
        key: String,
    },
    /// Left to code: `sources` of global lists.
    Code {
        key: String,
        name: String,
    },
}

/// What is written of an edge.
pub enum EdgeMember {
    Cursor(String),
    Node(String, usize),
    Typename(String, String),
}

impl Page {
    /// The first rows.
    #[must_use]
    pub fn first(size: usize) -> Self {
        Self { size, skip: 0, keyset: None, is_backward: false, search: None }
    }

    /// The page that Relay's arguments ask for.
    ///
    /// # Errors
    /// A size out of range, arguments that do not go together, or a bad cursor; the message names the argument.
    pub fn from_arguments(
        request: &Request<'_>,
        arguments: &Arguments,
        terms: &[Term],
        field: &str,
    ) -> Result<Self, Error> {
        let (first, last) = (count(arguments, "first")?, count(arguments, "last")?);
        let (after, before) = (text(arguments, "after"), text(arguments, "before"));
        let skip = count(arguments, "skip")?.unwrap_or(0);
        if first.is_some() && last.is_some() {
            return Err(Error::bad_input(format!("{field}: give first or last, not both.")));
        }
        if after.is_some() && before.is_some() {
            return Err(Error::bad_input(format!("{field}: give after or before, not both.")));
        }
        let most = request.hub.settings.graphql.max_skip;
        if skip > most || (skip > 0 && (after.is_some() || before.is_some())) {
            return Err(Error::bad_input(format!(
                "{field}: skip is at most {most} and cannot be combined with after or before."
            )));
        }
        let size = first.or(last).unwrap_or(DEFAULT.min(request.max_page));
        if size > request.max_page {
            let name = if first.is_some() { "first" } else { "last" };
            return Err(Error::bad_input(format!("{field}: {name} is at most {}, not {size}.", request.max_page)));
        }
        let keyset = match (after, before) {
            (Some(cursor), _) => Some(order::decode(cursor, terms, "after")?),
            (_, Some(cursor)) => Some(order::decode(cursor, terms, "before")?),
            _ => None,
        };
        let is_backward = last.is_some() || (before.is_some() && first.is_none());
        if (before.is_some() && first.is_some()) || (after.is_some() && last.is_some()) {
            return Err(Error::bad_input(format!("{field}: first goes with after, last goes with before.")));
        }
        Ok(Self { size, skip, keyset, is_backward, search: None })
    }
}

fn count(arguments: &Arguments, name: &str) -> Result<Option<usize>, Error> {
    match arguments.get(name) {
        Some(Value::Number(number)) => {
            let count = number.as_u64().and_then(|count| usize::try_from(count).ok());
            count.map(Some).ok_or_else(|| Error::bad_input(format!("{name} must not be negative.")))
        }
        _ => Ok(None),
    }
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    match arguments.get(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The parts of a connection's selection; rows that it asks for become views of the plan, and what cursors are
/// made of becomes columns.
///
/// # Errors
/// A bad argument inside the selection.
pub fn parts(
    request: &Request<'_>,
    plan: &mut Plan,
    selected: &Selected<'_>,
    terms: &[Term],
) -> Result<Vec<Part>, Error> {
    let object = request.model().object(&selected.field.of.name);
    let mut parts = Vec::new();
    for item in collect(request, object, &selected.sets) {
        let part = match item {
            Item::Typename { key } => Part::Typename { key: quoted(key), name: object.name.clone() },
            Item::Field(inner) => {
                let key = quoted(inner.key);
                match inner.field.name.as_str() {
                    "nodes" => Part::Nodes { key, view: plan.view(request, &inner.sets)? },
                    "edges" => Part::Edges { key, members: edge(request, plan, &inner)? },
                    "pageInfo" => Part::PageInfo { key, members: pairs(request, "PageInfo", &inner.sets) },
                    "totalCount" => Part::TotalCount { key },
                    name => Part::Code { key, name: name.to_owned() },
                }
            }
        };
        parts.push(part);
    }
    if needs_cursors(&parts) {
        for term in terms {
            plan.columns.place(term.leaf.selected(term.sql.clone(), request.backend()));
        }
        plan.columns.place(column(ROOT, "id"));
    }
    Ok(parts)
}

fn edge(request: &Request<'_>, plan: &mut Plan, selected: &Selected<'_>) -> Result<Vec<EdgeMember>, Error> {
    let object = request.model().object(&selected.field.of.name);
    collect(request, object, &selected.sets)
        .into_iter()
        .map(|item| {
            Ok(match item {
                Item::Typename { key } => EdgeMember::Typename(quoted(key), object.name.clone()),
                Item::Field(inner) if inner.field.name == "cursor" => EdgeMember::Cursor(quoted(inner.key)),
                Item::Field(inner) => EdgeMember::Node(quoted(inner.key), plan.view(request, &inner.sets)?),
            })
        })
        .collect()
}

/// Whether cursors are written.
#[must_use]
pub fn needs_cursors(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::Edges { members, .. } => members.iter().any(|member| matches!(member, EdgeMember::Cursor(_))),
        Part::PageInfo { members, .. } => members.iter().any(|(_, name)| name.ends_with("Cursor")),
        _ => false,
    })
}

/// Whether rows are read at all.
#[must_use]
pub fn needs_rows(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Nodes { .. } | Part::Edges { .. } | Part::PageInfo { .. }))
}

/// Whether rows are counted.
#[must_use]
pub fn needs_count(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::TotalCount { .. }))
}
