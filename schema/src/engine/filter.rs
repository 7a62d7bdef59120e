//! Filters and search as SQL. All given conditions hold together; an absent operator and an empty object restrict
//! nothing; a null operator is an error, never "is null".

use async_graphql::{Name, Value, indexmap::IndexMap};

use super::{
    compare::{self, Target},
    elements, id,
    model::{Argument, Binding, Condition, Leaf, Link, Many, Object, Style},
    party,
    request::Request,
    scope,
    sql::{Piece, any, column, template},
};
use crate::error::{ClientError, Error};

/// The rows that a condition is about.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub object: &'static Object,
    pub alias: &'a str,
}

/// A member of a filter, or an argument of a list.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub member: &'a Argument,
    pub value: &'a Value,
    /// For messages.
    pub path: &'a str,
}

/// Conditions of one filter, those within others included: databases bound the depth of an expression.
const MOST_CONDITIONS: usize = 500;
/// Values of one filter, such as those of an `in`: databases bound the parameters of a statement.
const MOST_VALUES: usize = 5000;

/// Refuses a filter that a database would not take.
///
/// # Errors
/// It holds too much.
pub fn check_size(filter: &Value) -> Result<(), Error> {
    let (conditions, values) = size(filter);
    for (found, most, what) in [(conditions, MOST_CONDITIONS, "conditions"), (values, MOST_VALUES, "values")] {
        if found > most {
            return Err(Error::bad_input(format!("filter has at most {most} {what}, not {found}.")));
        }
    }
    Ok(())
}

/// Innermost objects and scalars of a value; nesting is bounded by whoever read it.
fn size(value: &Value) -> (usize, usize) {
    let sum = |(conditions, values), (more, others)| (conditions + more, values + others);
    match value {
        Value::List(items) => items.iter().map(size).fold((0, 0), sum),
        Value::Object(members) => match members.values().map(size).fold((0, 0), sum) {
            (0, values) => (1, values),
            within => within,
        },
        _ => (0, 1),
    }
}

/// The condition that a filter of the type `input` makes; none if it restricts nothing.
///
/// # Errors
/// A null operator, or a value of the wrong form; the message names the path.
pub fn condition(
    request: &Request<'_>,
    rows: Rows<'_>,
    input: &str,
    value: &Value,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let Value::Object(members) = value else {
        return Err(Error::bad_input(format!("{path} must be an object.")));
    };
    let declared = &request.model().inputs[input];
    let mut pieces = Vec::new();
    for (name, value) in members {
        let path = format!("{path}.{name}");
        let member = declared.iter().find(|member| member.name == name.as_str()).expect("validated before");
        pieces.extend(member_condition(request, rows, (input, member), value, &path)?);
    }
    Ok(Piece::join(pieces, " AND "))
}

fn member_condition(
    request: &Request<'_>,
    rows: Rows<'_>,
    (input, member): (&str, &Argument),
    value: &Value,
    path: &str,
) -> Result<Option<Piece>, Error> {
    match (member.name.as_str(), value) {
        ("and", Value::List(items)) => Ok(Piece::join(each(request, rows, input, items, path)?, " AND ")),
        ("or", Value::List(items)) => {
            let pieces = each(request, rows, input, items, path)?;
            // An empty object holds for every row.
            if pieces.len() < items.len() { Ok(None) } else { Ok(Piece::join(pieces, " OR ")) }
        }
        ("not", Value::Object(_)) => Ok(condition(request, rows, input, value, path)?.map(|inner| {
            let mut piece = Piece::text("NOT COALESCE(");
            piece.append(inner);
            piece.push(", FALSE)");
            piece
        })),
        (_, Value::Null) => Err(Error::bad_input(format!("{path} must not be null; leave it out instead."))),
        _ => {
            let piece = by_binding(request, rows, Given { member, value, path })?;
            let is_free = member.needs.is_empty() || member.needs.iter().any(|word| request.viewer.may(word));
            // What restricts nothing betrays nothing.
            if piece.is_some() && !is_free {
                return Err(ClientError::Forbidden(member.needs.join(" or ")).into());
            }
            Ok(piece)
        }
    }
}

fn each(request: &Request<'_>, rows: Rows<'_>, input: &str, items: &[Value], path: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for (index, item) in items.iter().enumerate() {
        pieces.extend(condition(request, rows, input, item, &format!("{path}.{index}"))?);
    }
    Ok(pieces)
}

/// The condition that an argument of a list makes.
///
/// # Errors
/// A value of the wrong form.
pub fn own(request: &Request<'_>, rows: Rows<'_>, argument: &Argument, value: &Value) -> Result<Option<Piece>, Error> {
    by_binding(request, rows, Given { member: argument, value, path: &argument.name })
}

fn by_binding(request: &Request<'_>, rows: Rows<'_>, given: Given<'_>) -> Result<Option<Piece>, Error> {
    let Given { member, value, .. } = given;
    match &member.binding {
        Condition::Columns(columns) => by_columns(request, rows, columns, given),
        Condition::Viewer(names) => {
            let viewer = request.viewer.staff.unwrap_or(0);
            let operator = if *value == Value::Boolean(true) { "=" } else { "<>" };
            Ok(Some(Piece::text(format!("{} {operator} {viewer}", column(rows.alias, names)))))
        }
        Condition::Party => party::by_party(request, rows, given),
        Condition::Sql(sql) => {
            Ok(Some(Piece::with(&template(sql, rows.alias).replace("{value}", "?"), [compare::any_value(value)])))
        }
        Condition::Path(field) => by_field(request, rows, field, given),
        Condition::Field => by_field(request, rows, &given.member.name, given),
    }
}

fn by_field(request: &Request<'_>, rows: Rows<'_>, field: &str, given: Given<'_>) -> Result<Option<Piece>, Error> {
    let Given { member, value, path } = given;
    let Some(field) = rows.object.fields.get(field) else {
        return Err(Error::internal(format!("{} has no field {field} to filter by", rows.object.name)));
    };
    let operators = operators(value, path);
    match &field.binding {
        Binding::Id => id_condition(request, rows, operators?, path),
        Binding::Leaf { column: name, leaf } => {
            let target = Target { sql: column(rows.alias, name), leaf };
            if let Value::Boolean(is) = value {
                return Ok(Some(Piece::text(if *is { target.sql } else { format!("NOT {}", target.sql) })));
            }
            compare::operators(request, &target, operators?, path)
        }
        Binding::Expression { sql, leaf } if matches!(value, Value::Boolean(_)) && *leaf == Leaf::Boolean => {
            // What a record does not say is false.
            let sql = format!("COALESCE({}, FALSE)", template(sql, rows.alias));
            Ok(Some(Piece::text(if *value == Value::Boolean(true) { sql } else { format!("NOT {sql}") })))
        }
        Binding::Named { sql } => {
            let target = Target { sql: format!("({})", template(sql, rows.alias)), leaf: &Leaf::Key };
            compare::operators(request, &target, operators?, path)
        }
        Binding::Elements { sql } => {
            let leaf = if field.of.name == "ID" { Leaf::Key } else { Leaf::Text };
            elements::condition(request, &template(sql, rows.alias), &leaf, operators?, path)
        }
        Binding::Expression { sql, leaf } => {
            let target = Target { sql: format!("({})", template(sql, rows.alias)), leaf };
            compare::operators(request, &target, operators?, path)
        }
        Binding::Money { minor, currency } => {
            let amount = (column(rows.alias, minor), column(rows.alias, currency));
            compare::money(request, amount, operators?, path)
        }
        Binding::One { column: name } if member.of.name == "RecordIdFilter" => {
            elements::on_number(request, &column(rows.alias, name), &field.of.name, operators?, path)
        }
        Binding::One { column: name } => relation(request, &column(rows.alias, name), &field.of.name, operators?, path),
        Binding::Many(many) => by_many(request, rows, many, given),
        _ => Err(Error::internal(format!("{path} cannot be filtered by"))),
    }
}

pub(super) fn operators<'a>(value: &'a Value, path: &str) -> Result<&'a IndexMap<Name, Value>, Error> {
    let Value::Object(operators) = value else {
        return Err(Error::bad_input(format!("{path} must be an object.")));
    };
    match operators.iter().find(|(_, value)| **value == Value::Null) {
        Some((name, _)) => Err(Error::bad_input(format!("{path}.{name} must not be null; leave it out instead."))),
        None => Ok(operators),
    }
}

fn id_condition(
    request: &Request<'_>,
    rows: Rows<'_>,
    operators: &IndexMap<Name, Value>,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let key = column(rows.alias, "id");
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        let ids = match value {
            Value::List(items) => items.iter().collect(),
            one => vec![one],
        };
        let numbers: Vec<i64> =
            ids.into_iter().filter_map(|id| id::number_of(request.hub, &rows.object.name, id)).collect();
        let piece = any(request.backend(), &key, &numbers);
        pieces.push(match operator.as_str() {
            "eq" | "in" => piece,
            "ne" | "notIn" => negated(piece),
            other => return Err(Error::internal(format!("{path}.{other} is no operator of ids"))),
        });
    }
    Ok(Piece::join(pieces, " AND "))
}

fn negated(inner: Piece) -> Piece {
    let mut piece = Piece::text("NOT (");
    piece.append(inner);
    piece.push(")");
    piece
}

/// The condition that a `RelationFilter` makes on rows of a type, named by a key expression.
///
/// # Errors
/// A value of the wrong form.
pub fn on_key(request: &Request<'_>, key: &str, of: &str, value: &Value, path: &str) -> Result<Option<Piece>, Error> {
    relation(request, key, of, operators(value, path)?, path)
}

/// A condition on a row that the key column names.
pub(super) fn relation(
    request: &Request<'_>,
    key: &str,
    of: &str,
    operators: &IndexMap<Name, Value>,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let (object, table) = request.model().rows(of).expect("relations lead to tables");
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        let inner = self::operators(value, &format!("{path}.{operator}"));
        pieces.extend(match operator.as_str() {
            "isNull" => Some(Piece::text(format!("{key} {}", null_test(value)))),
            "number" => {
                let target = Target { sql: key.to_owned(), leaf: &Leaf::Integer };
                compare::operators(request, &target, inner?, &format!("{path}.number"))?
            }
            "listNumber" => {
                let target = Target { sql: column("target", "list_number"), leaf: &Leaf::Integer };
                let found = compare::operators(request, &target, inner?, &format!("{path}.listNumber"))?;
                found.map(|piece| within(key, &table.name, piece))
            }
            "id" => {
                let path = format!("{path}.id");
                let rows = Rows { object, alias: "target" };
                id_condition(request, rows, inner?, &path)?.map(|piece| within(key, &table.name, piece))
            }
            _ => {
                let target = Target { sql: column("target", name_column(object)), leaf: &Leaf::Text };
                let found = compare::operators(request, &target, inner?, &format!("{path}.name"))?;
                // Names that are not shown are not told by conditions either.
                let rule = scope::joined(request, table).map(|rule| Piece::text(template(&rule, "target")));
                Piece::join(found.into_iter().chain(rule).collect(), " AND ")
                    .map(|piece| within(key, &table.name, piece))
            }
        });
    }
    Ok(Piece::join(pieces, " AND "))
}

fn null_test(value: &Value) -> &'static str {
    if *value == Value::Boolean(true) { "IS NULL" } else { "IS NOT NULL" }
}

fn within(key: &str, table: &str, inner: Piece) -> Piece {
    let mut piece = Piece::text(format!("{key} IN (SELECT target.id FROM \"{table}\" target WHERE "));
    piece.append(inner);
    piece.push(")");
    piece
}

/// The column that people call a row by.
#[must_use]
pub fn name_column(object: &Object) -> &'static str {
    match object.name.as_str() {
        "Deal" | "Task" | "Announcement" => "title",
        "Ticket" => "subject",
        "Invoice" => "document_number",
        _ => "name",
    }
}

/// A condition on rows that belong to the row: at least one must match.
fn by_many(request: &Request<'_>, rows: Rows<'_>, many: &Many, given: Given<'_>) -> Result<Option<Piece>, Error> {
    let Given { member, value, path } = given;
    let (object, table) = request.model().rows(&many.of).expect("relations lead to tables");
    let parent = column(rows.alias, "id");
    if member.of.is_list {
        return party::role_holders(request, &parent, value, path);
    }
    if many.style == Style::Single {
        let alias = format!("{}_one", rows.alias);
        let inner = condition(request, Rows { object, alias: &alias }, &member.of.name, value, path)?;
        return Ok(inner.map(|piece| exists(&table.name, &alias, &many.by, &parent, piece)));
    }
    let operators = operators(value, path)?;
    if let Link::Elements { sql, .. } = &many.by {
        return elements::condition(request, &template(sql, rows.alias), &Leaf::Key, operators, path);
    }
    if let Some(is_null) = operators.get("isNull") {
        let test = exists(&table.name, "rows", &many.by, &parent, Piece::text("TRUE"));
        return Ok(Some(if *is_null == Value::Boolean(true) { negated(test) } else { test }));
    }
    let Link::Through { table: through, from, to } = &many.by else {
        return Err(Error::internal(format!("{path} cannot be filtered by")));
    };
    let key = column("link", to);
    Ok(relation(request, &key, &many.of, operators, path)?.map(|inner| {
        let mut piece = Piece::text(format!(
            "EXISTS (SELECT 1 FROM \"{through}\" link WHERE {} = {parent} AND ",
            column("link", from)
        ));
        piece.append(inner);
        piece.push(")");
        piece
    }))
}

fn exists(table: &str, alias: &str, by: &Link, parent: &str, inner: Piece) -> Piece {
    let on = match by {
        Link::Column(name) => format!("{} = {parent}", column(alias, name)),
        Link::Through { table: through, from, to } => format!(
            "{} IN (SELECT link.\"{to}\" FROM \"{through}\" link WHERE link.\"{from}\" = {parent})",
            column(alias, "id")
        ),
        Link::Elements { .. } => "FALSE".to_owned(),
    };
    let mut piece = Piece::text(format!("EXISTS (SELECT 1 FROM \"{table}\" {alias} WHERE {on} AND "));
    piece.append(inner);
    piece.push(")");
    piece
}

fn by_columns(
    request: &Request<'_>,
    rows: Rows<'_>,
    columns: &[String],
    given: Given<'_>,
) -> Result<Option<Piece>, Error> {
    let Given { member, value, path } = given;
    let operators = operators(value, path)?;
    if member.of.name == "RelationFilter" {
        let name = &columns[0];
        return relation(request, &column(rows.alias, name), "Country", operators, path);
    }
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        let one = IndexMap::from([(operator.clone(), value.clone())]);
        let mut alternatives = Vec::new();
        for name in columns {
            let target = Target { sql: column(rows.alias, name), leaf: &Leaf::Text };
            alternatives.extend(compare::operators(request, &target, &one, path)?);
        }
        let is_negative = matches!(operator.as_str(), "ne" | "notIn");
        pieces.extend(Piece::join(alternatives, if is_negative { " AND " } else { " OR " }));
    }
    Ok(Piece::join(pieces, " AND "))
}
