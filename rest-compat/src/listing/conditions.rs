//! Conditions of a query string: `status=a`, `status=["a","b"]`, `from_date=…`, `due_date_to=…`, `filter={…}`. Names
//! are those of the filter's members; what names nothing restricts nothing.

use async_graphql::{Name, Value as Graphql, indexmap::IndexMap};
use serde_json::{Map, Value};

use crate::{
    bind::text,
    failure::{Failure, WRONG},
    input::{Inputs, Member, Named},
};

type Conditions = IndexMap<Name, Graphql>;

/// Names that are something else.
const OTHERS: [&str; 13] = [
    "page",
    "per_page",
    "limit",
    "offset",
    "sort",
    "order",
    "sortBy",
    "sortPageOrder",
    "search",
    "populatedKeys",
    "filter",
    "params",
    "nameSpace",
];

/// Names of fields that the schema calls otherwise.
const RENAMED: [(&str, &str); 5] = [
    ("_id", "recordId"),
    ("modifiedAt", "updatedAt"),
    ("created_at", "createdAt"),
    ("updated_at", "updatedAt"),
    ("UpdatedAt", "updatedAt"),
];

/// All conditions of a query string, which hold together.
///
/// # Errors
/// Every value of the wrong form.
pub fn read(
    inputs: &Inputs,
    filter: &str,
    query: &Map<String, Value>,
    is_other: impl Fn(&str) -> bool,
) -> Result<Graphql, Vec<Failure>> {
    let Some(Named::Input(members)) = inputs.get(filter) else { return Ok(Graphql::Object(Conditions::new())) };
    let (mut all, mut failures) = (Vec::new(), Vec::new());
    let mut add = |made: Result<Option<Conditions>, Failure>| match made {
        Ok(made) => all.extend(made.map(Graphql::Object)),
        Err(failure) => failures.push(failure),
    };
    for (name, value) in query.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str()) && !is_other(name)) {
        add(by_name(members, name, value));
    }
    for (name, value) in written(query)? {
        match &value {
            Value::Object(operators) => {
                for (operator, value) in operators {
                    add(by_operator(members, &name, operator.trim_start_matches('$'), value));
                }
            }
            _ => add(by_name(members, &name, &value)),
        }
    }
    if failures.is_empty() {
        Ok(Graphql::Object(Conditions::from([(Name::new("and"), Graphql::List(all))])))
    } else {
        Err(failures)
    }
}

/// The members of `filter`, which is an object as text.
fn written(query: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Failure>> {
    let Some(given) = query.get("filter").map(text::of).filter(|text| !text.trim().is_empty()) else {
        return Ok(Map::new());
    };
    serde_json::from_str(&given).map_err(|_| vec![Failure::of(WRONG, "filter", "must be a JSON object")])
}

fn find<'a>(members: &'a [Member], name: &str) -> Option<&'a Member> {
    let name = RENAMED.iter().find(|(legacy, _)| *legacy == name).map_or(name, |(_, own)| *own);
    // `permissions.rep_can_add_client` is a member of a member.
    let name = &name.replace('.', "_");
    members.iter().find(|member| member.name == *name && !["and", "or", "not"].contains(&name.as_str()))
}

/// A condition by the name of its parameter.
fn by_name(members: &[Member], name: &str, value: &Value) -> Result<Option<Conditions>, Failure> {
    if let Some(member) = find(members, name) {
        return one(member, name, "in", value).map(Some);
    }
    let bounded = [(name.strip_prefix("from_"), "gte"), (name.strip_prefix("to_"), "lte")]
        .into_iter()
        .chain([(name.strip_suffix("_from"), "gte"), (name.strip_suffix("_to"), "lte")]);
    for (field, operator) in bounded {
        let Some(field) = field else { continue };
        // `date` is when a record was made, where it has no date of its own.
        let member = find(members, field).or_else(|| (field == "date").then(|| find(members, "createdAt"))?);
        if let Some(member) = member {
            return one(member, name, operator, value).map(Some);
        }
    }
    Ok(None)
}

fn by_operator(members: &[Member], name: &str, operator: &str, value: &Value) -> Result<Option<Conditions>, Failure> {
    let operator = match operator {
        "eq" => "in",
        "nin" => "notIn",
        other => other,
    };
    if !["in", "notIn", "ne", "gt", "gte", "lt", "lte"].contains(&operator) {
        return Err(Failure::of(WRONG, "filter", &format!("has an operator {operator} that is not known")));
    }
    find(members, name).map(|member| one(member, name, operator, value)).transpose()
}

/// The texts that a value lists: JSON text, a list, or one.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) if text.starts_with('[') => match serde_json::from_str::<Vec<Value>>(text) {
            Ok(items) => items.iter().map(text::of).collect(),
            Err(_) => vec![text.clone()],
        },
        other => vec![text::of(other)],
    }
}

/// A condition on one member of the filter.
fn one(member: &Member, name: &str, operator: &str, value: &Value) -> Result<Conditions, Failure> {
    let wrong = |says: &str| Failure::of(WRONG, name, says);
    let given = texts(value);
    let kind = member.of.name();
    let condition = match kind {
        "Boolean" => match given.first().map(String::as_str) {
            Some("true" | "1") => Graphql::Boolean(true),
            Some("false" | "0") => Graphql::Boolean(false),
            _ => return Err(wrong("must be true or false")),
        },
        // A scalar of its own takes one value; of several, any may hold.
        "String" => return Ok(any(member, given.into_iter().map(Graphql::from).collect())),
        _ if given == ["nil"] => operators([("isNull", Graphql::Boolean(true))]),
        _ => {
            let values: Result<Vec<Graphql>, Failure> =
                given.iter().map(|text| operand(kind, operator, text).ok_or_else(|| wrong(says(kind)))).collect();
            let mut values = values?;
            let is_time = matches!(kind, "DateFilter" | "DateTimeFilter");
            match (operator, values.len()) {
                ("in" | "notIn", _) if !is_time => operators([(operator, Graphql::List(values))]),
                ("in", _) => {
                    let alternatives = values.into_iter().map(|value| operators([("eq", value)])).collect();
                    return Ok(any(member, alternatives));
                }
                (_, 1) => operators([(operator, values.remove(0))]),
                _ => return Err(wrong("must be one value")),
            }
        }
    };
    Ok(Conditions::from([(Name::new(&member.name), condition)]))
}

/// At least one of several conditions on a member.
fn any(member: &Member, alternatives: Vec<Graphql>) -> Conditions {
    let each = |value| Graphql::Object(Conditions::from([(Name::new(&member.name), value)]));
    Conditions::from([(Name::new("or"), Graphql::List(alternatives.into_iter().map(each).collect()))])
}

fn operators<const N: usize>(given: [(&str, Graphql); N]) -> Graphql {
    Graphql::Object(given.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
}

fn says(kind: &str) -> &'static str {
    match kind {
        "LongFilter" | "IntFilter" => "must be a whole number",
        "FloatFilter" => "must be a number",
        "DateFilter" => "must be a day",
        "DateTimeFilter" => "must be an instant",
        _ => "has the wrong form",
    }
}

/// A text as the filter's type wants it; none if it has the wrong form.
fn operand(kind: &str, operator: &str, text: &str) -> Option<Graphql> {
    let text = text.trim();
    match kind {
        "LongFilter" | "IntFilter" => Some(text.parse::<i64>().ok()?.into()),
        "FloatFilter" => Some(text.parse::<f64>().ok().filter(|number| number.is_finite())?.into()),
        "DateFilter" => {
            let day: chrono::NaiveDate = text.get(..10)?.parse().ok()?;
            Some(day.to_string().into())
        }
        "DateTimeFilter" => instant(text, operator == "lte").map(Graphql::from),
        _ => Some(text.into()),
    }
}

/// An instant, a day (its end, if it is an upper bound), or the milliseconds since 1970.
fn instant(text: &str, is_end: bool) -> Option<String> {
    if let Ok(number) = text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "out of range is none")]
        let at = chrono::DateTime::from_timestamp_millis(number as i64)?;
        return Some(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    }
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Some(format!("{day}T{}Z", if is_end { "23:59:59.999" } else { "00:00:00.000" }));
    }
    chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(text.to_owned())
}
