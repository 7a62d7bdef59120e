//! Fields that are no columns: they are worked out for all fetched rows before anything is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_graphql::Value as Graphql;
use serde_json::Value;

use super::{
    coerce::Arguments,
    fetch::Fetched,
    plan::Plan,
    request::Request,
    tree::{Member, Node},
};
use crate::{error::Error, goal, payroll, record};

/// Values by type and row; each is an object with all computed fields of the row.
#[derive(Default)]
pub struct Computed {
    values: HashMap<(&'static str, i64), Value>,
    /// Whole records, by type, row, and the references that are written out.
    documents: HashMap<(&'static str, i64, Vec<String>), Value>,
}

impl Computed {
    /// Works out what the plan's rows need.
    ///
    /// # Errors
    /// The database failed.
    pub async fn gather(request: &Request<'_>, plan: &Plan, fetched: &Fetched) -> Result<Self, Error> {
        let mut needed = Needed::default();
        needs(plan, fetched, &mut needed)?;
        let mut computed = Self::default();
        for ((of, populate), numbers) in needed.documents {
            for (number, document) in record::documents(request, of, &numbers, &populate).await? {
                computed.documents.insert((of, number, populate.clone()), document);
            }
        }
        for (of, number) in needed.values {
            let value = match of {
                "Goal" => goal::progress(request.hub, number).await?,
                "Payslip" => payroll::links(request.hub, number).await?,
                "Source" => health(request, number),
                _ => Value::Null,
            };
            computed.values.insert((of, number), value);
        }
        Ok(computed)
    }

    /// A computed field as JSON; an object is reduced to the members that are asked for.
    #[must_use]
    pub fn value(
        &self,
        (of, number, given): (&'static str, i64, &Arguments),
        field: &str,
        members: &[(String, String)],
    ) -> String {
        if field == DOCUMENT {
            let document = self.documents.get(&(of, number, texts(given)));
            return document.map_or_else(|| "null".to_owned(), Value::to_string);
        }
        let value = self.values.get(&(of, number)).and_then(|values| values.get(field));
        match value {
            Some(Value::Object(object)) => {
                let parts: Vec<String> = members
                    .iter()
                    .map(|(key, name)| format!("{key}{}", object.get(name).unwrap_or(&Value::Null)))
                    .collect();
                format!("{{{}}}", parts.join(","))
            }
            Some(value) => value.to_string(),
            None => "null".to_owned(),
        }
    }
}

/// How a source does, as this process sees it.
fn health(request: &Request<'_>, number: i64) -> Value {
    let Some(source) = request.hub.federation.registry.source(number) else { return Value::Null };
    let (figures, breaker) = source.live.figures();
    serde_json::json!({ "health": {
        "p50Ms": figures.p50_ms,
        "p95Ms": figures.p95_ms,
        "errorRate": figures.error_rate,
        "breaker": breaker.word(),
        "lastError": figures.last_error,
        "lastSeenAt": figures.last_seen_at.map(super::write::rfc3339),
    } })
}

/// Rows of which something is worked out.
#[derive(Default)]
struct Needed {
    values: BTreeSet<(&'static str, i64)>,
    documents: BTreeMap<(&'static str, Vec<String>), Vec<i64>>,
}

/// The field that is a whole record.
const DOCUMENT: &str = "document";

/// The references that a document is to write out.
fn texts(given: &Arguments) -> Vec<String> {
    let Some(Graphql::List(items)) = given.get("populate") else { return Vec::new() };
    items.iter().filter_map(|item| if let Graphql::String(text) = item { Some(text.clone()) } else { None }).collect()
}

fn needs(plan: &Plan, fetched: &Fetched, needed: &mut Needed) -> Result<(), Error> {
    for members in &plan.views {
        of_members(members, fetched, needed)?;
    }
    for (child, grouped) in plan.children.iter().zip(&fetched.children) {
        needs(&child.plan, &grouped.fetched, needed)?;
    }
    Ok(())
}

fn of_members(members: &[Member], fetched: &Fetched, needed: &mut Needed) -> Result<(), Error> {
    for member in members {
        match &member.node {
            Node::Code { field, of, place, given, .. } => {
                for row in fetched.rows.iter() {
                    let Some(number) = row.try_get_by_index::<Option<i64>>(*place)? else { continue };
                    if field.name == DOCUMENT {
                        needed.documents.entry((of, texts(given))).or_default().push(number);
                    } else {
                        needed.values.insert((of, number));
                    }
                }
            }
            Node::Object { members, .. } => of_members(members, fetched, needed)?,
            _ => {}
        }
    }
    Ok(())
}
