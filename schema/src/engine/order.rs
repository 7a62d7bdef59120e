//! Orders and keyset cursors. Rows come sorted by the order's fields, then by number; nulls are last in both
//! directions; text goes by the code points of its lower case. A cursor is base64url of a JSON array: the order
//! values of a row as they were answered, then its number, so that no page depends on any state.

use std::fmt::Write;

use async_graphql::Value;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use sea_orm::DbBackend;

use super::{
    MODEL, compare,
    filter::Rows,
    model::{Binding, Leaf, Object, OrderColumn, Style, camel},
    record_id,
    request::Request,
    sql::{Joins, Piece, column, template},
};
use crate::{database::TEXT_ORDER, error::Error};

/// One field to order by.
#[derive(Clone, Debug)]
pub struct Term {
    /// What is compared.
    pub sql: String,
    pub leaf: Leaf,
    pub is_descending: bool,
    pub is_nullable: bool,
    /// Whether it is of another row, which may be missing.
    pub is_joined: bool,
}

/// The terms of an `orderBy` argument; those of the type where it is left out. Relations are joined.
///
/// # Errors
/// A fault of the schema.
pub fn terms(
    request: &Request<'_>,
    rows: Rows<'_>,
    given: Option<&Value>,
    default: &[OrderColumn],
    joins: &mut Joins,
) -> Result<Vec<Term>, Error> {
    let mut terms = Vec::new();
    if let Some(Value::List(items)) = given {
        for item in items {
            let Value::Object(members) = item else { continue };
            let (Some(Value::Enum(field)), direction) = (members.get("field"), members.get("direction")) else {
                continue;
            };
            let is_descending = matches!(direction, Some(Value::Enum(word)) if word == "DESC");
            let path = path_of(request, rows.object, field);
            let found = term(request, rows, &path, is_descending, joins)?;
            terms.push(Term { is_joined: path.contains('.'), ..found });
        }
    }
    if terms.is_empty() {
        let table = &rows.object.table.as_ref().expect("ordered rows have a table").name;
        for OrderColumn { column: name, is_descending } in default {
            let found = request.model().column(table, name).expect("checked by bind");
            let leaf = Leaf::of(found.kind);
            terms.push(built(request, column(rows.alias, name), leaf, *is_descending, found.is_nullable));
        }
    }
    // No two rows have one number: what follows it decides nothing.
    let key = column(rows.alias, "id");
    if let Some(place) = terms.iter().position(|term| term.sql == key) {
        terms.truncate(place + 1);
    }
    Ok(terms)
}

fn path_of(request: &Request<'_>, object: &Object, word: &str) -> String {
    let values = request.model().enums.get(&format!("{}OrderField", object.name));
    let value = values.and_then(|values| values.iter().find(|value| value.name == word));
    value.and_then(|value| value.path.clone()).unwrap_or_else(|| camel(word))
}

fn term(
    request: &Request<'_>,
    rows: Rows<'_>,
    path: &str,
    is_descending: bool,
    joins: &mut Joins,
) -> Result<Term, Error> {
    let model = request.model();
    let (mut object, mut alias, mut walked) = (rows.object, rows.alias.to_owned(), String::new());
    let mut is_nullable = false;
    for name in path.split('.') {
        let Some(field) = object.fields.get(name) else {
            return Err(Error::internal(format!("{} has no field {name} to order by", object.name)));
        };
        let table = object.table.as_ref().map_or("", |table| table.name.as_str());
        let nullable = |name: &str| is_nullable || model.column(table, name).is_none_or(|found| found.is_nullable);
        match &field.binding {
            Binding::Leaf { column: name, leaf } => {
                return Ok(built(request, column(&alias, name), leaf.clone(), is_descending, nullable(name)));
            }
            Binding::Expression { sql, leaf } => {
                return Ok(built(request, format!("({})", template(sql, &alias)), leaf.clone(), is_descending, true));
            }
            Binding::Money { minor, .. } => {
                return Ok(built(request, column(&alias, minor), Leaf::Integer, is_descending, nullable(minor)));
            }
            // The longer ago, the more days.
            Binding::DaysSince { column: name } => {
                return Ok(built(request, column(&alias, name), Leaf::Instant, !is_descending, nullable(name)));
            }
            Binding::One { .. } | Binding::Named { .. } | Binding::Many(_) => {
                walked = format!("{walked}.{name}");
                let next = to_one(request, field, &alias, &walked, joins);
                let Some((next_object, next_alias)) = next else { break };
                (object, alias, is_nullable) = (next_object, next_alias, true);
            }
            _ => break,
        }
    }
    Err(Error::internal(format!("{}.{path} cannot be ordered by", rows.object.name)))
}

/// Joins the one row that a field leads to; none if there can be several.
pub fn to_one(
    request: &Request<'_>,
    field: &super::model::Field,
    alias: &str,
    path: &str,
    joins: &mut Joins,
) -> Option<(&'static Object, String)> {
    if let Binding::Named { sql } = &field.binding {
        let (object, table) = request.model().rows(&field.of.name)?;
        let rule = super::scope::joined(request, table);
        let joined = joins.join(path, &table.name, |joined| {
            let named = record_id::names(table, joined, &format!("({})", template(sql, alias)));
            let own = format!("{named} AND {} = {}", column(joined, "tenant_id"), column(alias, "tenant_id"));
            rule.iter().fold(own, |sql, rule| format!("{sql} AND {}", template(rule, joined)))
        });
        return Some((object, joined));
    }
    let (on, of) = match &field.binding {
        Binding::One { column: name } => ((column(alias, name), "id", None), &field.of.name),
        Binding::Many(many) if many.style == Style::Single => match &many.by {
            super::model::Link::Column(name) => {
                ((column(alias, "id"), name.as_str(), many.condition.as_ref()), &many.of)
            }
            super::model::Link::Through { .. } | super::model::Link::Elements { .. } => return None,
        },
        _ => return None,
    };
    let (object, table) = request.model().rows(of)?;
    let rule = super::scope::joined(request, table);
    let joined = joins.join(path, &table.name, |joined| {
        let (here, there, condition) = on;
        let mut sql = format!("{} = {here}", column(joined, there));
        for extra in condition.into_iter().chain(rule.as_ref()) {
            let _ = write!(sql, " AND {}", template(extra, joined));
        }
        sql
    });
    Some((object, joined))
}

fn built(request: &Request<'_>, sql: String, leaf: Leaf, is_descending: bool, is_nullable: bool) -> Term {
    let sql = match (&leaf, request.backend()) {
        (Leaf::Text, DbBackend::Postgres) => format!("lower({sql}) COLLATE \"C\""),
        (Leaf::Text, _) => format!("({sql} COLLATE {TEXT_ORDER})"),
        _ => sql,
    };
    Term { sql, leaf, is_descending, is_nullable, is_joined: false }
}

/// `ORDER BY …`, backwards for pages that are read from their end.
#[must_use]
pub fn clause(terms: &[Term], key: &str, is_backward: bool) -> String {
    let mut sql = String::from(" ORDER BY ");
    for term in terms {
        sql.push_str(&term.sql);
        sql.push_str(if term.is_descending == is_backward { " ASC" } else { " DESC" });
        // Left out where it cannot matter: it would keep PostgreSQL from using an index.
        if term.is_nullable {
            sql.push_str(if is_backward { " NULLS FIRST" } else { " NULLS LAST" });
        }
        sql.push_str(", ");
    }
    if split(terms, key).1.is_some() {
        sql.truncate(sql.len() - ", ".len());
        return sql;
    }
    sql.push_str(key);
    sql.push_str(if is_backward { " DESC" } else { " ASC" });
    sql
}

/// The terms before the number, and the number if it is the last term.
fn split<'a>(terms: &'a [Term], key: &str) -> (&'a [Term], Option<&'a Term>) {
    match terms.split_last() {
        Some((last, before)) if last.sql == key => (before, Some(last)),
        _ => (terms, None),
    }
}

/// A decoded cursor: the values of the terms, and the number.
#[derive(Clone, Debug)]
pub struct Keyset {
    values: Vec<Option<sea_orm::Value>>,
    number: i64,
}

/// Reads a cursor for these terms.
///
/// # Errors
/// The cursor is malformed, or of another order.
pub fn decode(cursor: &str, terms: &[Term], path: &str) -> Result<Keyset, Error> {
    let wrong = || Error::bad_input(format!("{path} is no cursor of a list in this order."));
    let bytes = BASE64.decode(cursor).map_err(|_| wrong())?;
    let values: Vec<serde_json::Value> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if values.len() != terms.len() + 1 {
        return Err(wrong());
    }
    let number = values.last().and_then(serde_json::Value::as_i64).ok_or_else(wrong)?;
    let values = terms
        .iter()
        .zip(&values)
        .map(
            |(term, value)| if value.is_null() { Ok(None) } else { key_value(term, value).map(Some).ok_or_else(wrong) },
        )
        .collect::<Result<_, _>>()?;
    Ok(Keyset { values, number })
}

fn key_value(term: &Term, value: &serde_json::Value) -> Option<sea_orm::Value> {
    Some(match &term.leaf {
        Leaf::Text | Leaf::Key | Leaf::Stamp => value.as_str()?.to_owned().into(),
        Leaf::Instant => compare::parse_instant(value.as_str()?, chrono_tz::UTC)?.into(),
        Leaf::Day => value.as_str()?.parse::<chrono::NaiveDate>().ok()?.into(),
        Leaf::Float => value.as_f64()?.into(),
        Leaf::Boolean => value.as_bool()?.into(),
        Leaf::Ordinal(of) => {
            let place = MODEL.enums[of].iter().position(|word| word.name == value.as_str().unwrap_or_default())?;
            i64::try_from(place + 1).ok()?.into()
        }
        _ => value.as_i64()?.into(),
    })
}

/// Writes a cursor from the values as they are answered.
#[must_use]
pub fn encode(values: &[serde_json::Value]) -> String {
    BASE64.encode(serde_json::to_string(values).expect("values are JSON"))
}

/// That a row has a value to be ordered by, at or beyond the keyset, where the order begins with a value of another row:
/// with that PostgreSQL reads an index on it. None where rows without one may be among the next ones.
#[must_use]
pub fn valued(terms: &[Term], keyset: Option<&Keyset>, is_backward: bool) -> Option<Piece> {
    let term = terms.first().filter(|term| term.is_joined && term.is_nullable && !is_backward)?;
    let Some(keyset) = keyset else { return Some(Piece::text(format!("{} IS NOT NULL", term.sql))) };
    let value = keyset.values.first()?.clone()?;
    let sign = if term.is_descending { "<=" } else { ">=" };
    Some(Piece::with(&format!("{} {sign} ?", term.sql), [value]))
}

/// Rows strictly after the keyset; before it if `is_backward`.
#[must_use]
pub fn beyond(terms: &[Term], keyset: &Keyset, key: &str, is_backward: bool) -> Piece {
    let (terms, number) = split(terms, key);
    let is_down = number.is_some_and(|term| term.is_descending) != is_backward;
    let (bound, is_within) = match keyset.values.get(terms.len()) {
        // Ordered by number, with another number behind: a hub asks so for a row that it has not seen of this source.
        Some(Some(sea_orm::Value::BigInt(Some(bound)))) if number.is_some() => {
            (*bound, if is_backward { keyset.number > *bound } else { keyset.number < *bound })
        }
        _ => (keyset.number, false),
    };
    let sign = match (is_down, is_within) {
        (true, false) => "<",
        (true, true) => "<=",
        (false, false) => ">",
        (false, true) => ">=",
    };
    let mut piece = Piece::with(&format!("{key} {sign} ?"), [bound.into()]);
    for (term, value) in terms.iter().zip(&keyset.values).rev() {
        piece = match value {
            Some(value) if !term.is_nullable => bounded(term, value, is_backward, piece),
            value => step(term, value.as_ref(), is_backward, piece),
        };
    }
    piece
}

/// `term at or beyond value AND NOT (term = value AND NOT rest)`: an index can use the first half, and PostgreSQL
/// expects so many rows of it that it keeps its plan instead of making one for every page.
fn bounded(term: &Term, value: &sea_orm::Value, is_backward: bool, rest: Piece) -> Piece {
    let sql = &term.sql;
    let sign = if term.is_descending == is_backward { ">=" } else { "<=" };
    let mut piece =
        Piece::with(&format!("({sql} {sign} ? AND NOT ({sql} = ? AND NOT ("), [value.clone(), value.clone()]);
    piece.append(rest);
    piece.push(")))");
    piece
}

/// `term beyond value OR (term = value AND rest)`, with nulls last.
fn step(term: &Term, value: Option<&sea_orm::Value>, is_backward: bool, rest: Piece) -> Piece {
    let sql = &term.sql;
    let sign = if term.is_descending == is_backward { ">" } else { "<" };
    let mut piece = match value {
        Some(value) => {
            let nulls = if term.is_nullable && !is_backward { format!(" OR {sql} IS NULL") } else { String::new() };
            Piece::with(&format!("({sql} {sign} ?{nulls} OR ({sql} = ? AND "), [value.clone(), value.clone()])
        }
        None if is_backward => Piece::text(format!("({sql} IS NOT NULL OR ({sql} IS NULL AND ")),
        None => Piece::text(format!("(FALSE OR ({sql} IS NULL AND ")),
    };
    piece.append(rest);
    piece.push("))");
    piece
}
