//! What a caller sends, checked member by member against the catalogue, as the JSON that is kept. Everything that is
//! wrong is told at once. It must not know the database.

use std::collections::BTreeMap;

use async_graphql::{Name, Value as Given, indexmap::IndexMap};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use crate::{
    catalog::{Access, Family, Field, Kind, Resource},
    email,
    engine::{
        compare::{parse_instant, stamp},
        record_id,
    },
    error::{Code, UserError},
    verb::{Call, Failure},
};

/// Bytes of the body of one record.
const LARGEST: usize = 256 * 1024;

/// What the body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Create,
    Update,
}

/// A record id that was given: path of the member, resource, id.
pub type Reference = (String, String, String);

/// Reads the members of the input that the resource has; nulls stay, to clear what was there.
///
/// # Errors
/// Every member that breaks its type or a limit.
pub fn read(
    call: &Call<'_>,
    resource: &Resource,
    purpose: Purpose,
) -> Result<(Map<String, Value>, Vec<Reference>), Failure> {
    let nothing = IndexMap::new();
    let input = if purpose == Purpose::Update { call.member("changes") } else { Some(call.input) };
    let given = if let Some(Given::Object(members)) = input { members } else { &nothing };
    let within = if purpose == Purpose::Update { "changes." } else { "" };
    let zone = call.hub.directory.time_zone(call.viewer.tenant);
    let mut reader = Reader { zone, within, errors: Vec::new(), references: Vec::new() };
    let mut body = Map::new();
    for (name, field) in &resource.fields {
        let is_open = field.on == Access::Always || (field.on == Access::Update && purpose == Purpose::Update);
        match given.get(name.as_str()).filter(|_| is_open) {
            Some(Given::Null) if field.required => reader.error(Code::Required, name, "must not be empty"),
            Some(Given::Null) => drop(body.insert(name.clone(), Value::Null)),
            Some(value) => drop(body.insert(name.clone(), reader.field(field, value, name))),
            None => {
                let is_needed = purpose == Purpose::Create || resource.family == Family::B;
                if field.required && is_needed {
                    reader.error(Code::Required, name, "is required");
                }
            }
        }
    }
    if serde_json::to_string(&body).map_or(0, |text| text.len()) > LARGEST {
        reader.error(Code::Invalid, "", "The record is too large");
    }
    if reader.errors.is_empty() { Ok((body, reader.references)) } else { Err(Failure::User(reader.errors)) }
}

/// Members that a service answered, checked like those of a caller; all of them are fields of the resource.
///
/// # Errors
/// Every member that breaks its type or a limit.
pub fn answered(resource: &Resource, given: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let mut reader = Reader { zone: Tz::UTC, within: "", errors: Vec::new(), references: Vec::new() };
    let members = given.into_iter().map(|(name, value)| {
        let value = Given::from_json(value).unwrap_or_default();
        let value = reader.field(&resource.fields[&name], &value, &name);
        (name, value)
    });
    let members = members.collect();
    if reader.errors.is_empty() { Ok(members) } else { Err(Failure::User(reader.errors)) }
}

/// Adds what new records get where nothing was said.
pub fn fill(fields: &BTreeMap<String, Field>, body: &mut Map<String, Value>) {
    for (name, field) in fields {
        match (&field.default, body.get_mut(name)) {
            (Some(default), None | Some(Value::Null)) => drop(body.insert(name.clone(), default.clone())),
            (None, Some(Value::Null)) => drop(body.remove(name)),
            (_, Some(Value::Object(members))) if field.is_shape() => fill(&field.fields, members),
            _ => {}
        }
    }
}

struct Reader {
    /// Of instants without a zone.
    zone: Tz,
    /// Where in the input the body is.
    within: &'static str,
    errors: Vec<UserError>,
    references: Vec<Reference>,
}

impl Reader {
    fn error(&mut self, code: Code, path: &str, says: &str) {
        let message = if path.is_empty() { format!("{says}.") } else { format!("{path} {says}.") };
        self.errors.push(UserError::new(code, &format!("{}{path}", self.within), message));
    }

    fn invalid(&mut self, path: &str, says: &str) -> Value {
        self.error(Code::Invalid, path, says);
        Value::Null
    }

    fn field(&mut self, field: &Field, given: &Given, path: &str) -> Value {
        if !field.list {
            return self.one(field, given, path);
        }
        let Given::List(items) = given else { return self.invalid(path, "must be a list") };
        self.limits(field, path, f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX)), "must have");
        let items = items.iter().enumerate();
        items.map(|(index, item)| self.one(field, item, &format!("{path}.{index}"))).collect()
    }

    fn one(&mut self, field: &Field, given: &Given, path: &str) -> Value {
        if field.is_shape() {
            let Given::Object(members) = given else { return self.invalid(path, "must be an object") };
            return self.shape(&field.fields, members, path);
        }
        if let Some(target) = &field.target {
            let Some(id) = text(given).filter(|id| record_id::is_id(id)) else {
                return self.invalid(path, "must be a record id of 24 hexadecimal digits");
            };
            self.references.push((format!("{}{path}", self.within), target.clone(), id.to_owned()));
            return id.into();
        }
        match field.kind {
            Kind::Integer | Kind::Number => self.number(field, given, path),
            Kind::Boolean => match given {
                Given::Boolean(is) => (*is).into(),
                _ => self.invalid(path, "must be true or false"),
            },
            Kind::Object | Kind::Any => {
                let value = given.clone().into_json().unwrap_or_default();
                let is_wrong = field.kind == Kind::Object && !value.is_object();
                if is_wrong { self.invalid(path, "must be an object") } else { value }
            }
            _ => match text(given) {
                Some(text) => self.text(field, text, path),
                None => self.invalid(path, "must be text"),
            },
        }
    }

    fn shape(&mut self, fields: &BTreeMap<String, Field>, given: &IndexMap<Name, Given>, path: &str) -> Value {
        let mut object = Map::new();
        for (name, field) in fields {
            let path = format!("{path}.{name}");
            match given.get(name.as_str()) {
                None | Some(Given::Null) if field.required && field.default.is_none() => {
                    self.error(Code::Required, &path, "is required");
                }
                None | Some(Given::Null) => {}
                Some(value) => drop(object.insert(name.clone(), self.field(field, value, &path))),
            }
        }
        object.into()
    }

    fn number(&mut self, field: &Field, given: &Given, path: &str) -> Value {
        let Given::Number(number) = given else { return self.invalid(path, "must be a number") };
        let value = number.as_f64().unwrap_or_default();
        self.limits(field, path, value, "must be");
        if field.kind == Kind::Number {
            return Value::Number(number.clone());
        }
        // 5.0 is 5 to many a client.
        #[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number within bounds")]
        match number.as_i64() {
            Some(whole) => whole.into(),
            None if value.fract() == 0.0 && value.abs() < 9e15 => (value as i64).into(),
            None => self.invalid(path, "must be a whole number"),
        }
    }

    fn limits(&mut self, field: &Field, path: &str, value: f64, word: &str) {
        if let Some(min) = field.min.filter(|min| value < *min) {
            self.error(Code::Invalid, path, &format!("{word} at least {min}"));
        }
        if let Some(max) = field.max.filter(|max| value > *max) {
            self.error(Code::Invalid, path, &format!("{word} at most {max}"));
        }
    }

    fn text(&mut self, field: &Field, text: &str, path: &str) -> Value {
        if !field.one_of.is_empty() && !field.one_of.iter().any(|word| word == text) {
            return self.invalid(path, &format!("must be one of {}", field.one_of.join(", ")));
        }
        if !field.list {
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            self.limits(field, path, f64::from(length), "must have a length of");
        }
        if let Some(pattern) = &field.pattern
            && !regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
        {
            return self.invalid(path, "has the wrong form");
        }
        match field.kind {
            Kind::Email if !email::is_valid(text) => self.invalid(path, "must be an e-mail address"),
            Kind::Uri if url::Url::parse(text).is_err() => self.invalid(path, "must be an address such as https://…"),
            Kind::Date if text.parse::<NaiveDate>().is_err() => self.invalid(path, "must be a day such as 2026-05-19"),
            Kind::Time if !is_time(text) => self.invalid(path, "must be a time such as 08:30"),
            Kind::Instant => match parse_instant(text, self.zone) {
                Some(instant) => stamp(instant).into(),
                None => self.invalid(path, "must be an instant such as 2026-05-19T12:00:00Z"),
            },
            _ => text.into(),
        }
    }
}

fn text(given: &Given) -> Option<&str> {
    if let Given::String(text) = given { Some(text) } else { None }
}

fn is_time(text: &str) -> bool {
    let plain = text.trim_end_matches(['Z', 'z']);
    let plain = plain.split_once(['+', '-']).map_or(plain, |(time, _)| time);
    ["%H:%M", "%H:%M:%S%.f"].iter().any(|form| NaiveTime::parse_from_str(plain, form).is_ok())
}
