//! Fields that are no columns: they are worked out for all fetched rows before anything is written.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{
    fetch::Fetched,
    plan::Plan,
    request::Request,
    tree::{Member, Node},
};
use crate::{error::Error, goal, payroll};

/// Values by type and row; each is an object with all computed fields of the row.
#[derive(Default)]
pub struct Computed {
    values: HashMap<(&'static str, i64), Value>,
}

impl Computed {
    /// Works out what the plan's rows need.
    ///
    /// # Errors
    /// The database failed.
    pub async fn gather(request: &Request<'_>, plan: &Plan, fetched: &Fetched) -> Result<Self, Error> {
        let mut needed = BTreeSet::new();
        needs(plan, fetched, &mut needed)?;
        let mut computed = Self::default();
        for (of, number) in needed {
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
    pub fn value(&self, of: &'static str, field: &str, number: i64, members: &[(String, String)]) -> String {
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

fn needs(plan: &Plan, fetched: &Fetched, needed: &mut BTreeSet<(&'static str, i64)>) -> Result<(), Error> {
    for members in &plan.views {
        of_members(members, fetched, needed)?;
    }
    for (child, grouped) in plan.children.iter().zip(&fetched.children) {
        needs(&child.plan, &grouped.fetched, needed)?;
    }
    Ok(())
}

fn of_members(members: &[Member], fetched: &Fetched, needed: &mut BTreeSet<(&'static str, i64)>) -> Result<(), Error> {
    for member in members {
        match &member.node {
            Node::Code { of, place, .. } => {
                for row in &fetched.rows {
                    needed.extend(row.try_get_by_index::<Option<i64>>(*place)?.map(|number| (*of, number)));
                }
            }
            Node::Object { members, .. } => of_members(members, fetched, needed)?,
            _ => {}
        }
    }
    Ok(())
}
