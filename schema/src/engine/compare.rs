//! One column against the operators of a filter: eq, ne, in, gt, contains, withinDays and the like.

use async_graphql::{Name, Value, indexmap::IndexMap};
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};

use super::{model::Leaf, request::Request, sql::Piece};
use crate::{error::Error, money};

/// What is compared.
pub struct Target<'a> {
    pub sql: String,
    pub leaf: &'a Leaf,
}

type Operators = IndexMap<Name, Value>;

/// All operators on a column that is no amount.
///
/// # Errors
/// A value of the wrong form, named by its path.
pub fn operators(
    request: &Request<'_>,
    target: &Target<'_>,
    operators: &Operators,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        pieces.push(operation(request, target, operator, value, &format!("{path}.{operator}"))?);
    }
    Ok(Piece::join(pieces, " AND "))
}

fn operation(
    request: &Request<'_>,
    target: &Target<'_>,
    operator: &str,
    value: &Value,
    path: &str,
) -> Result<Piece, Error> {
    let Target { sql, leaf } = target;
    // Text is compared ignoring case, on both sides by the database's own rule; words of enums are what they are.
    let is_text = **leaf == Leaf::Text && !is_word(value);
    let (left, hole) = if is_text { (format!("lower({sql})"), "lower(?)") } else { (sql.clone(), "?") };
    let simple = |sign: &str| -> Result<Piece, Error> {
        Ok(Piece::with(&format!("{left} {sign} {hole}"), [typed(request, leaf, value, path)?]))
    };
    match operator {
        "eq" => simple("="),
        "ne" => Ok(or_null(simple("<>")?, sql)),
        "gt" => simple(">"),
        "gte" => simple(">="),
        "lt" => simple("<"),
        "lte" => simple("<="),
        "in" | "notIn" => {
            let Value::List(items) = value else { return Err(Error::bad_input(format!("{path} must be a list."))) };
            let values = items.iter().map(|item| typed(request, leaf, item, path)).collect::<Result<Vec<_>, _>>()?;
            Ok(in_list(&left, hole, values, operator == "notIn", sql))
        }
        "contains" | "startsWith" => {
            let Value::String(text) = value else { return Err(Error::bad_input(format!("{path} must be text."))) };
            let pattern = pattern(text, operator == "contains");
            Ok(Piece::with(&format!("lower({sql}) LIKE lower(?) ESCAPE '\\'"), [pattern.into()]))
        }
        "isNull" => {
            let test = if *value == Value::Boolean(true) { "IS NULL" } else { "IS NOT NULL" };
            Ok(Piece::text(format!("{sql} {test}")))
        }
        _ => in_time(request, target, operator, value, path),
    }
}

fn is_word(value: &Value) -> bool {
    match value {
        Value::Enum(_) => true,
        Value::List(items) => items.iter().all(|item| matches!(item, Value::Enum(_))),
        _ => false,
    }
}

fn or_null(mut piece: Piece, sql: &str) -> Piece {
    let mut all = Piece::text("(");
    piece.push(&format!(" OR {sql} IS NULL)"));
    all.append(piece);
    all
}

fn in_list(left: &str, hole: &str, values: Vec<sea_orm::Value>, is_negated: bool, sql: &str) -> Piece {
    if values.is_empty() {
        return Piece::text(if is_negated { "TRUE" } else { "FALSE" });
    }
    let holes = vec![hole; values.len()].join(", ");
    let word = if is_negated { "NOT IN" } else { "IN" };
    let piece = Piece::with(&format!("{left} {word} ({holes})"), values);
    if is_negated { or_null(piece, sql) } else { piece }
}

/// Operators that days and instants have beyond comparison.
fn in_time(
    request: &Request<'_>,
    target: &Target<'_>,
    operator: &str,
    value: &Value,
    path: &str,
) -> Result<Piece, Error> {
    let sql = &target.sql;
    let kept = |instant: DateTime<Utc>| -> sea_orm::Value {
        if *target.leaf == Leaf::Stamp { stamp(instant).into() } else { instant.into() }
    };
    match (operator, value) {
        ("onOrAfter", Value::String(text)) => {
            let start = start_of_day(request, parse_day(text, path)?);
            Ok(Piece::with(&format!("{sql} >= ?"), [kept(start)]))
        }
        ("onOrBefore", Value::String(text)) => {
            let next = parse_day(text, path)?.succ_opt().unwrap_or(NaiveDate::MAX);
            Ok(Piece::with(&format!("{sql} < ?"), [kept(start_of_day(request, next))]))
        }
        ("withinDays", Value::Number(days)) => {
            let days = days.as_i64().filter(|days| (0..=36_500).contains(days));
            let days = days.ok_or_else(|| Error::bad_input(format!("{path} must be between 0 and 36500.")))?;
            let now = request.hub.clock.now();
            Ok(Piece::with(&format!("{sql} BETWEEN ? AND ?"), [kept(now - Duration::days(days)), kept(now)]))
        }
        ("inMonth", Value::String(text)) => {
            let first = parse_day(&format!("{text}-01"), path)?;
            let next = first.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX);
            let day = |day: NaiveDate| -> sea_orm::Value {
                if *target.leaf == Leaf::Key { day.to_string().into() } else { day.into() }
            };
            Ok(Piece::with(&format!("({sql} >= ? AND {sql} < ?)"), [day(first), day(next)]))
        }
        _ => Err(Error::bad_input(format!("{path} has the wrong form."))),
    }
}

/// The instant at which a day begins where the viewer is.
#[must_use]
pub fn start_of_day(request: &Request<'_>, day: NaiveDate) -> DateTime<Utc> {
    let zone = request.hub.directory.time_zone(request.viewer.tenant);
    let start = day.and_time(NaiveTime::MIN);
    zone.from_local_datetime(&start).earliest().map_or_else(|| start.and_utc(), |local| local.with_timezone(&Utc))
}

/// Operators on an amount in major units. Rows in another currency never match a comparison.
///
/// # Errors
/// A value of the wrong form, named by its path.
pub fn money(
    request: &Request<'_>,
    (minor, currency): (String, String),
    operators: &Operators,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let code = match operators.get("currency") {
        Some(Value::String(code)) => code.to_ascii_uppercase(),
        _ => request.hub.directory.base_currency(request.viewer.tenant),
    };
    let mut pieces = Vec::new();
    for (operator, value) in operators {
        let path = format!("{path}.{operator}");
        let sign = match operator.as_str() {
            "eq" => "=",
            "gt" => ">",
            "gte" => ">=",
            "lt" => "<",
            "lte" => "<=",
            "isNull" => {
                let target = Target { sql: minor.clone(), leaf: &Leaf::Integer };
                pieces.push(operation(request, &target, operator, value, &path)?);
                continue;
            }
            // Without a comparison it keeps the rows in that currency.
            _ if operators.len() == 1 => {
                pieces.push(Piece::with(&format!("{currency} = ?"), [code.clone().into()]));
                continue;
            }
            _ => continue,
        };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(Error::bad_input(format!("{path} must be a number."))),
        };
        let amount = money::parse_minor(&text, &code)
            .ok_or_else(|| Error::bad_input(format!("{path} is no amount of {code}.")))?;
        pieces
            .push(Piece::with(&format!("({minor} {sign} ? AND {currency} = ?)"), [amount.into(), code.clone().into()]));
    }
    Ok(Piece::join(pieces, " AND "))
}

/// A value as the column's type wants it.
fn typed(request: &Request<'_>, leaf: &Leaf, value: &Value, path: &str) -> Result<sea_orm::Value, Error> {
    let wrong = |what: &str| Error::bad_input(format!("{path} must be {what}."));
    Ok(match (leaf, value) {
        (Leaf::Ordinal(of), Value::Enum(word)) => {
            let place = request.model().enums[of].iter().position(|found| found.name == word.as_str());
            i64::try_from(place.unwrap_or_default() + 1).unwrap_or_default().into()
        }
        (Leaf::Text, Value::Enum(word)) => word.as_str().to_owned().into(),
        (Leaf::Text | Leaf::Key, Value::String(text)) => text.clone().into(),
        (Leaf::Stamp, Value::String(text)) => {
            let zone = request.hub.directory.time_zone(request.viewer.tenant);
            let instant = parse_instant(text, zone).ok_or_else(|| wrong("an instant such as 2026-05-19T12:00:00Z"))?;
            stamp(instant).into()
        }
        (Leaf::Integer | Leaf::SmallInteger, Value::Number(number)) => {
            number.as_i64().ok_or_else(|| wrong("a whole number"))?.into()
        }
        (Leaf::Float, Value::Number(number)) => number.as_f64().ok_or_else(|| wrong("a number"))?.into(),
        (Leaf::Boolean, Value::Boolean(is)) => (*is).into(),
        (Leaf::Instant, Value::String(text)) => {
            let zone = request.hub.directory.time_zone(request.viewer.tenant);
            parse_instant(text, zone).ok_or_else(|| wrong("an instant such as 2026-05-19T12:00:00Z"))?.into()
        }
        (Leaf::Day, Value::String(text)) => parse_day(text, path)?.into(),
        _ => return Err(Error::bad_input(format!("{path} has the wrong form."))),
    })
}

/// A plain value, whatever it is.
#[must_use]
pub fn any_value(value: &Value) -> sea_orm::Value {
    match value {
        Value::Boolean(is) => (*is).into(),
        Value::Number(number) => number.as_i64().unwrap_or_default().into(),
        Value::String(text) => text.clone().into(),
        Value::Enum(word) => word.as_str().to_owned().into(),
        _ => sea_orm::Value::String(None),
    }
}

/// An instant as RFC 3339; without an offset it is read in the zone.
#[must_use]
pub fn parse_instant(text: &str, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    use chrono::SubsecRound;
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc).trunc_subsecs(6));
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))?;
    zone.from_local_datetime(&local).earliest().map(|instant| instant.with_timezone(&Utc))
}

/// An instant as JSON keeps it: texts compare like the instants.
#[must_use]
pub fn stamp(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn parse_day(text: &str, path: &str) -> Result<NaiveDate, Error> {
    text.parse().map_err(|_| Error::bad_input(format!("{path} must be a day such as 2026-05-19.")))
}

/// A LIKE pattern for text that is meant literally.
#[must_use]
pub fn pattern(text: &str, is_inside: bool) -> String {
    let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    if is_inside { format!("%{literal}%") } else { format!("{literal}%") }
}
