//! The answer of a batch whose rows stand alone: accepted rows as they were stored, rejected ones as they came, with a
//! reason for each member at fault. It must not know what the rows mean.

use std::{collections::BTreeMap, fmt::Write};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    bind::alone::Aside,
    catalog::System,
    endpoint::{Batch, Endpoint},
    failure::{Failure, INTERNAL, reason},
    literal::quoted,
    pages,
    render::cursor::Cursor,
};

/// A rejected row, as the schema tells it.
#[derive(Debug, Deserialize)]
struct Rejected {
    index: usize,
    errors: Vec<Told>,
}

#[derive(Debug, Deserialize)]
struct Told {
    code: String,
    field: Option<Vec<String>>,
    message: String,
}

/// Writes the answer from that of the operation, which has `accepted` and `rejected { index errors { code field
/// message } }`.
///
/// # Errors
/// The operation answered something else.
pub fn write(
    system: &System,
    (endpoint, batch): (&Endpoint, &Batch),
    body: &str,
    aside: &Aside,
) -> Result<String, Vec<Failure>> {
    let broken = |_| vec![Failure::new(INTERNAL, "The answer is no batch.")];
    let list = |name: &str| pages::member(body, name).map_or("[]", |place| &body[place]);
    let accepted = list("accepted");
    let rejected: Vec<Rejected> = serde_json::from_str(list("rejected")).map_err(|_| broken(""))?;
    let count = count(accepted).map_err(broken)?;
    let rejected = reasons(endpoint, rejected, aside);
    let mut out = String::with_capacity(body.len() + 256);
    out.push('{');
    counts(batch, (count, rejected.len()), &mut out);
    out.push_str(",\"accepted\":");
    out.push_str(accepted);
    out.push_str(",\"rejected\":[");
    for (place, (index, failures)) in rejected.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&echo(system, aside.rows.get(*index), failures).to_string());
    }
    out.push_str("]}");
    Ok(out)
}

fn count(list: &str) -> Result<usize, &'static str> {
    let (mut cursor, mut count) = (Cursor::new(list), 0);
    cursor.eat(b'[');
    while cursor.has_next(b']')? {
        cursor.raw()?;
        count += 1;
    }
    Ok(count)
}

fn counts(batch: &Batch, (accepted, rejected): (usize, usize), out: &mut String) {
    for (place, name) in batch.counts.iter().enumerate() {
        out.push_str(if place == 0 { "" } else { "{" });
        out.push_str(&quoted(name));
        out.push(':');
    }
    write!(out, "{{{}:{accepted},{}:{rejected}}}", quoted(&batch.accepted), quoted(&batch.rejected))
        .expect("a String takes all text");
    out.push_str(&"}".repeat(batch.counts.len().saturating_sub(1)));
}

/// What is wrong with each rejected row: first what was found here, then what the schema said of other members.
fn reasons(endpoint: &Endpoint, rejected: Vec<Rejected>, aside: &Aside) -> BTreeMap<usize, Vec<Failure>> {
    let mut all = aside.faults.clone();
    for row in rejected {
        let Some(index) = aside.sent.get(row.index) else { continue };
        let known = all.entry(*index).or_default();
        for told in row.errors {
            let name = name(endpoint, &told.field.unwrap_or_default());
            if known.iter().all(|failure| failure.parameter.as_ref() != Some(&name)) {
                known.push(Failure { code: told.code, message: told.message, parameter: Some(name) });
            }
        }
    }
    all
}

/// The name that rows have for a path of the input: the one that goes there, the first below it, or one above it.
fn name(endpoint: &Endpoint, path: &[String]) -> String {
    let names = endpoint.parameters.iter().find_map(|parameter| parameter.rows.as_deref()).unwrap_or_default();
    let found = names
        .iter()
        .find(|(_, place)| place == path)
        .or_else(|| names.iter().find(|(_, place)| place.starts_with(path)))
        .or_else(|| names.iter().find(|(_, place)| path.starts_with(place)));
    found.map(|(name, _)| name.clone()).or_else(|| path.last().cloned()).unwrap_or_default()
}

fn echo(system: &System, row: Option<&Value>, failures: &[Failure]) -> Value {
    let mut echoed = match row {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::new(),
    };
    let reasons = failures
        .iter()
        .map(|failure| (failure.parameter.clone().unwrap_or_default(), reason(&system.settings, failure, None)));
    echoed.insert("reasons".into(), json!(reasons.collect::<Map<_, _>>()));
    Value::Object(echoed)
}
