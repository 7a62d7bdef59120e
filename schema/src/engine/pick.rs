//! What a selection picks out of a JSON value: objects within objects and lists, to any depth that the schema has, and
//! the rows that record ids in it name, which are fetched for all values at once.

use std::{collections::HashSet, fmt::Write};

use async_graphql::parser::types::SelectionSet;
use sea_orm::QueryResult;
use serde_json::Value;

use super::{
    collect::{Item, collect},
    fetch::Fetched,
    plan::{Plan, quoted},
    request::Request,
    tree::{Child, Source},
    write::{Writer, get, quote},
};
use crate::error::Error;

/// What is picked of an object.
#[derive(Debug, Default)]
pub struct Pick {
    members: Vec<Member>,
    /// Name of the type.
    of: String,
}

/// Response key with its colon, name, and what is written of the value.
#[derive(Debug)]
struct Member {
    key: String,
    name: String,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Typename,
    /// The value as it is.
    Value,
    Object(Pick),
    /// The row that the value names, by a view of a child of the plan.
    Row(usize, usize),
}

/// A JSON column of a plan.
#[derive(Clone, Copy)]
pub struct Json {
    pub place: usize,
    /// Where the company of the row is, if record ids in it name rows.
    pub tenant: Option<usize>,
}

/// What is picked of values of a type; `path` leads to them.
///
/// # Errors
/// A bad argument inside the selection.
pub fn of(
    request: &Request<'_>,
    plan: &mut Plan,
    json: Json,
    (of, path): (&str, &[&str]),
    sets: &[&SelectionSet],
) -> Result<Pick, Error> {
    let Some(object) = request.model().objects.get(of) else { return Ok(Pick::default()) };
    let mut members = Vec::new();
    for item in collect(request, object, sets) {
        members.push(match item {
            Item::Typename { key } => Member { key: quoted(key), name: String::new(), inner: Inner::Typename },
            Item::Field(selected) => {
                let (name, inner) = (selected.field.name.clone(), &selected.field.of.name);
                let path = [path, &[&name]].concat();
                let inner = match request.model().objects.get(inner) {
                    None => Inner::Value,
                    Some(target) => match (json.tenant, &target.table) {
                        (Some(tenant), Some(_)) => {
                            let mut below = Plan::new(target);
                            let view = below.view(request, &selected.sets)?;
                            let path = path.iter().map(|name| (*name).to_owned()).collect();
                            plan.children.push(Child::plain(tenant, Source::Named { json: json.place, path }, below));
                            Inner::Row(plan.children.len() - 1, view)
                        }
                        _ => Inner::Object(self::of(request, plan, json, (inner, &path), &selected.sets)?),
                    },
                };
                Member { key: quoted(selected.key), name, inner }
            }
        });
    }
    Ok(Pick { members, of: of.to_owned() })
}

/// The company and id of each record that JSON values of rows name at a path, once.
///
/// # Errors
/// A column is no JSON.
pub fn named(rows: &[QueryResult], (tenant, json): (usize, usize), path: &[String]) -> Result<Vec<String>, Error> {
    let mut ids = HashSet::new();
    for row in rows {
        if let (Some(text), Some(_)) = (get::<String>(row, json)?, get::<i64>(row, tenant)?) {
            walk(&serde_json::from_str(&text).map_err(Error::internal)?, path, &mut ids);
        }
    }
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    Ok(ids)
}

fn walk(value: &Value, path: &[String], ids: &mut HashSet<String>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| walk(item, path, ids)),
        (Value::Object(object), [name, rest @ ..]) => {
            if let Some(value) = object.get(name) {
                walk(value, rest, ids);
            }
        }
        (Value::String(id), []) => drop(ids.insert(id.clone())),
        _ => {}
    }
}

impl Writer<'_> {
    /// Writes what is picked of a value of a row of a company; what is not there is null.
    ///
    /// # Errors
    /// A column of a row that is named has not the type that the model says.
    pub fn picked(
        &mut self,
        (plan, fetched): (&Plan, &Fetched),
        pick: &Pick,
        (value, tenant): (&Value, Option<i64>),
    ) -> Result<(), Error> {
        match value {
            Value::Array(items) => {
                self.each(items, |writer, item| writer.picked((plan, fetched), pick, (item, tenant)))
            }
            Value::Object(object) => {
                self.out.push('{');
                for (index, member) in pick.members.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.out.push_str(&member.key);
                    match (object.get(&member.name), &member.inner) {
                        (_, Inner::Typename) => quote(&mut self.out, &pick.of),
                        (None, _) => self.out.push_str("null"),
                        (Some(value), Inner::Value) => drop(write!(self.out, "{value}")),
                        (Some(value), Inner::Object(inner)) => {
                            self.picked((plan, fetched), inner, (value, tenant))?;
                        }
                        (Some(value), Inner::Row(child, view)) => {
                            self.row_named((plan, fetched), (*child, *view), (value, tenant))?;
                        }
                    }
                }
                self.out.push('}');
                Ok(())
            }
            _ => {
                self.out.push_str("null");
                Ok(())
            }
        }
    }

    /// The row behind a record id, or rows behind a list of them.
    fn row_named(
        &mut self,
        (plan, fetched): (&Plan, &Fetched),
        (child, view): (usize, usize),
        (value, tenant): (&Value, Option<i64>),
    ) -> Result<(), Error> {
        if let Value::Array(items) = value {
            return self.each(items, |writer, item| writer.row_named((plan, fetched), (child, view), (item, tenant)));
        }
        let grouped = &fetched.children[child];
        let found = tenant.zip(value.as_str()).and_then(|(tenant, id)| grouped.named.get(&(tenant, id.to_owned())));
        if let Some(row) = found {
            return self.row(&plan.children[child].plan, view, &grouped.fetched, *row);
        }
        self.out.push_str("null");
        Ok(())
    }

    fn each(
        &mut self,
        items: &[Value],
        mut write: impl FnMut(&mut Self, &Value) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item)?;
        }
        self.out.push(']');
        Ok(())
    }
}
