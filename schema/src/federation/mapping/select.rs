//! The selection of a foreign row for what a client wants of it: where the shape is the same, values keep the client's
//! keys and are copied as they come; else they get keys of the hub and are put together afterwards.
//! It must not know arguments of lists.

use std::{fmt::Write, sync::Arc};

use uuid::Uuid;

use super::{
    Mapping,
    conversion::Conversion,
    leaves::Leaf,
    numbers::Numbers,
    value::{Found, Made},
};
use crate::federation::{
    contract,
    question::{Field, Member},
};

/// Writes one selection.
pub struct Writer<'a> {
    pub mapping: &'a Mapping,
    /// What the hub's own keys begin with; none of the client's does.
    pub prefix: &'a str,
    pub instance: Uuid,
    pub numbers: &'a Arc<Numbers>,
    /// Paths that were asked for and are not mapped.
    pub missing: Vec<String>,
    /// Keys given out so far.
    pub count: usize,
    /// Where the number of the row is found.
    pub number: Option<Found>,
}

/// Where a member stands.
#[derive(Clone, Copy)]
struct At<'a> {
    /// Path of the object from the row; empty for the row.
    path: &'a str,
    /// Foreign fields entered so far.
    depth: usize,
    /// Whether the object is put together of values that lie in the one around it.
    is_made: bool,
}

impl Writer<'_> {
    /// Writes the selection of a row, and returns how its members are read.
    pub fn row(&mut self, members: &[Member], out: &mut String) -> Vec<Member> {
        self.object(members, At { path: "", depth: 0, is_made: false }, out)
    }

    /// Writes the selection of one of our leaves under a key of the hub; none if it is not mapped.
    pub fn value(&mut self, path: &str, out: &mut String) -> Option<Found> {
        self.found(path, 0, None, out)
    }

    /// The same for a leaf that may be a constant.
    pub fn tested(&mut self, path: &str, out: &mut String) -> Option<Made> {
        self.constant(path).or_else(|| self.value(path, out).map(Made::Leaf))
    }

    fn constant(&self, path: &str) -> Option<Made> {
        let leaf = self.mapping.leaves.get(path).filter(|leaf| leaf.steps.is_empty())?;
        match leaf.conversion.as_deref() {
            Some(Conversion::Constant(json)) => Some(Made::Constant(json.to_string())),
            _ => None,
        }
    }

    fn object(&mut self, members: &[Member], at: At<'_>, out: &mut String) -> Vec<Member> {
        members.iter().map(|member| self.member(member, at, out)).collect()
    }

    fn member(&mut self, member: &Member, at: At<'_>, out: &mut String) -> Member {
        let (Member::Scalar { key, field, .. } | Member::Object { key, field, .. }) = member else {
            return member.clone();
        };
        let path = join(at.path, &field.name);
        let made = if field.arguments.is_empty() {
            match member {
                Member::Object { members, .. } => self.inner((key, field), members, At { path: &path, ..at }, out),
                _ if field.name == "id" => self.id(key, at, out),
                _ => self.leaf(key, field, At { path: &path, ..at }, out),
            }
        } else {
            None
        };
        made.unwrap_or_else(|| {
            if !self.missing.contains(&path) {
                self.missing.push(path);
            }
            Member::Missing { key: key.clone() }
        })
    }

    fn leaf(&mut self, key: &str, field: &Field, at: At<'_>, out: &mut String) -> Option<Member> {
        if let Some(made) = self.constant(at.path) {
            return Some(Member::Made { key: key.to_owned(), made });
        }
        let leaf = self.mapping.leaves.get(at.path)?;
        let is_plain = !at.is_made && leaf.steps.len() == at.depth + 1 && leaf.conversion.is_none();
        if is_plain {
            named(out, key, leaf.steps.last()?);
            return Some(Member::Scalar { key: key.to_owned(), field: field.clone(), kind: leaf.kind.clone() });
        }
        let found = self.found(at.path, at.depth, (!at.is_made).then_some(key), out)?;
        let found = Found { is_nullable: field.is_nullable, ..found };
        Some(Member::Made { key: key.to_owned(), made: Made::Leaf(found) })
    }

    /// A global id is made of the type, the instance and the number.
    fn id(&mut self, key: &str, at: At<'_>, out: &mut String) -> Option<Member> {
        let of = contract::type_at(self.mapping.collection, at.path)?;
        let number = match &self.number {
            Some(number) if at.path.is_empty() => number.clone(),
            _ => self.found(&join(at.path, "number"), at.depth, None, out)?,
        };
        let prefix = format!("{of}:{}:", self.instance);
        Some(Member::Made { key: key.to_owned(), made: Made::Id { prefix, number } })
    }

    fn inner(
        &mut self,
        (key, field): (&str, &Field),
        members: &[Member],
        at: At<'_>,
        out: &mut String,
    ) -> Option<Member> {
        if let Some(lacking) = self.lacking(members, at.path) {
            self.missing.push(lacking);
            return None;
        }
        let mut needed = Vec::new();
        needed_leaves(self.mapping, members, at.path, &mut needed);
        let step = needed.first().and_then(|leaf| leaf.steps.get(at.depth));
        let is_nested = !at.is_made
            && needed.iter().all(|leaf| leaf.steps.len() > at.depth + 1 && leaf.steps.get(at.depth) == step);
        if let Some(step) = step.filter(|_| is_nested) {
            named(out, key, step);
            out.push('{');
            let members = self.object(members, At { depth: at.depth + 1, ..at }, out);
            out.push('}');
            return Some(Member::Object { key: key.to_owned(), field: field.clone(), members });
        }
        if field.is_list || needed.is_empty() {
            return None;
        }
        let members = self.object(members, At { is_made: true, ..at }, out);
        let made = Made::Object { members, is_nullable: field.is_nullable };
        Some(Member::Made { key: key.to_owned(), made })
    }

    /// The first field that is selected, must not be null, and is not mapped.
    fn lacking(&self, members: &[Member], path: &str) -> Option<String> {
        members.iter().find_map(|member| {
            let (Member::Scalar { field, .. } | Member::Object { field, .. }) = member else { return None };
            let name = if field.name == "id" { "number" } else { &field.name };
            let below = join(path, name);
            match member {
                _ if field.is_nullable => None,
                Member::Object { members, .. } => self.lacking(members, &below),
                _ => (!self.mapping.leaves.contains_key(&below)).then_some(below),
            }
        })
    }

    /// Writes a leaf under a key and returns where it is found; a key of the hub if none is given.
    fn found(&mut self, path: &str, depth: usize, key: Option<&str>, out: &mut String) -> Option<Found> {
        let mapping = self.mapping;
        let leaf: &Leaf = mapping.leaves.get(path)?;
        let key = key.map_or_else(|| self.next_key(), str::to_owned);
        let mut keys = vec![key];
        let steps = leaf.steps.get(depth..)?;
        let (first, rest) = steps.split_first()?;
        named(out, &keys[0], first);
        for step in rest {
            out.push('{');
            named(out, "v", step);
            keys.push("v".to_owned());
        }
        out.push_str(&"}".repeat(rest.len()));
        let assigned = matches!(leaf.conversion.as_deref(), Some(Conversion::AssignedNumber));
        let of = contract::type_at(mapping.collection, path.rsplit_once('.').map_or("", |(object, _)| object))?;
        Some(Found {
            keys,
            conversion: leaf.conversion.clone(),
            kind: leaf.kind.clone(),
            is_nullable: leaf.is_nullable,
            is_list: leaf.is_list,
            assigned: assigned.then(|| (self.numbers.clone(), of)),
        })
    }

    fn next_key(&mut self) -> String {
        self.count += 1;
        format!("{}{}", self.prefix, self.count - 1)
    }
}

/// Leaves that are asked for below a path, apart from constants.
fn needed_leaves<'a>(mapping: &'a Mapping, members: &[Member], path: &str, out: &mut Vec<&'a Leaf>) {
    for member in members {
        let (Member::Scalar { field, .. } | Member::Object { field, .. }) = member else { continue };
        let name = if field.name == "id" { "number" } else { &field.name };
        let below = join(path, name);
        match member {
            Member::Object { members, .. } => needed_leaves(mapping, members, &below, out),
            _ => out.extend(mapping.leaves.get(&below).filter(|leaf| !leaf.steps.is_empty())),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `key:call`, apart from what stands before.
fn named(out: &mut String, key: &str, call: &str) {
    if !out.ends_with('{') {
        out.push(' ');
    }
    if key != call {
        write!(out, "{key}:").expect("a String takes all text");
    }
    out.push_str(call);
}
