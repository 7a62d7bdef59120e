//! A value as the type of its variable wants it. Texts of query strings and forms become what they stand for.

use async_graphql::{Name, Value as Graphql};
use chrono_tz::Tz;
use serde_json::{Number, Value};

use super::text;
use crate::{
    endpoint::{Parameter, Place},
    failure::{Failure, MISSING, WRONG},
    format,
    input::{Inputs, Kind, Member, Named, Type},
    shape::OTHERS,
    system::Settings,
};

/// What surrounds the value of a parameter.
pub struct Coercion<'a> {
    pub inputs: &'a Inputs,
    pub settings: &'a Settings,
    /// Zone of times that name none.
    pub zone: Tz,
    pub parameter: &'a Parameter,
    /// Whether the value comes from a query string, a form, a path or a header.
    pub is_text: bool,
}

/// What is wrong with a value: where in it, and how its sentence goes on.
struct Wrong {
    path: String,
    code: &'static str,
    says: String,
}

type Coerced = Result<Graphql, Wrong>;

fn wrong(path: &str, says: impl Into<String>) -> Wrong {
    Wrong { path: path.to_owned(), code: WRONG, says: says.into() }
}

impl Coercion<'_> {
    /// The value of the variable; none if it is left out.
    ///
    /// # Errors
    /// It is missing, or has the wrong form.
    pub fn value(&self, given: Option<Value>) -> Result<Option<Graphql>, Vec<Failure>> {
        let parameter = self.parameter;
        let given = given.filter(|value| !self.is_absent(value, &parameter.of));
        let Some(value) = given else {
            return if parameter.is_required() || parameter.when.is_some() {
                Err(vec![Failure::of(MISSING, &parameter.name, "is required")])
            } else {
                Ok(None)
            };
        };
        if value.is_null() && parameter.has_default {
            return Ok(None);
        }
        let value = self.split(value);
        self.coerce(&parameter.of, value, &parameter.name)
            .map(Some)
            .map_err(|wrong| vec![Failure::of(wrong.code, &wrong.path, &wrong.says)])
    }

    /// A value of the right kind; what texts must look like is left to the schema.
    ///
    /// # Errors
    /// How the sentence about the member goes on.
    pub fn loose(&self, of: &Type, value: &Value) -> Result<Graphql, &'static str> {
        let is_text = |name: &str| {
            let is_number = matches!(name, "Int" | "Long" | "Float" | "Boolean" | "Decimal" | "JSON");
            !is_number && matches!(self.inputs.get(name), Some(Named::Scalar) | None)
        };
        match (&of.kind, value) {
            (_, Value::Null) => Ok(Graphql::Null),
            (Kind::Named(name), Value::String(text)) if is_text(name) => Ok(Graphql::String(text.clone())),
            (Kind::Named(name), Value::Number(number)) if is_text(name) && self.settings.is_lenient => {
                Ok(Graphql::String(number.to_string()))
            }
            (Kind::Named(name), _) if is_text(name) => Err("must be a string"),
            (Kind::Named(name), _) => match name.as_str() {
                "Int" | "Long" => self.coerce(of, value.clone(), "").map_err(|_| "must be a whole number"),
                "Boolean" => self.coerce(of, value.clone(), "").map_err(|_| "must be true or false"),
                "Float" | "Decimal" => self.coerce(of, value.clone(), "").map_err(|_| "must be a number"),
                _ => self.coerce(of, value.clone(), "").map_err(|_| "has the wrong form"),
            },
            (Kind::List(_), _) => self.coerce(of, value.clone(), "").map_err(|_| "must be a list"),
        }
    }

    /// An empty text is no value, except for texts.
    fn is_absent(&self, value: &Value, of: &Type) -> bool {
        let is_plain_text = matches!(self.inputs.get(of.name()), Some(Named::Scalar)) && of.name() == "String";
        match value {
            Value::String(text) => self.is_text && text.is_empty() && !(is_plain_text && of.is_required),
            _ => false,
        }
    }

    /// Several values in one text.
    fn split(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.parameter.is_comma_separated => {
                text.split(',').map(|part| Value::from(part.trim())).collect()
            }
            value => value,
        }
    }

    fn coerce(&self, of: &Type, value: Value, path: &str) -> Coerced {
        if value.is_null() {
            return if of.is_required {
                Err(Wrong { path: path.to_owned(), code: MISSING, says: "is required".into() })
            } else {
                Ok(Graphql::Null)
            };
        }
        if let Some(table) = &self.parameter.choices
            && !matches!(value, Value::Array(_))
        {
            return self.choice(table, &value, of, path);
        }
        match &of.kind {
            Kind::List(item) => self.list(item, value, path),
            Kind::Named(name) => match self.inputs.get(name) {
                Some(Named::Enum(values)) => self.word(name, values, &value, path),
                Some(Named::Input(members)) => self.object(members, value, path),
                Some(Named::Scalar) | None => self.scalar(name, value, path),
            },
        }
    }

    /// A word that stands for a value, or for several.
    fn choice(&self, table: &str, value: &Value, of: &Type, path: &str) -> Coerced {
        let table = self.settings.choices.get(table);
        let found = table.and_then(|table| table.get(&text::of(value)));
        let found = found.ok_or_else(|| wrong(path, "is not one of the values that are allowed"))?;
        let named = |value: &Value| match value {
            Value::String(text) => Graphql::Enum(Name::new(text)),
            other => Graphql::from_json(other.clone()).unwrap_or_default(),
        };
        match (found, &of.kind) {
            (Value::Array(items), _) => Ok(Graphql::List(items.iter().map(named).collect())),
            (one, Kind::List(_)) => Ok(Graphql::List(vec![named(one)])),
            (one, Kind::Named(_)) => Ok(named(one)),
        }
    }

    fn list(&self, item: &Type, value: Value, path: &str) -> Coerced {
        let items = match value {
            Value::Array(items) => items,
            Value::String(text) if self.is_text && text.starts_with('[') => {
                serde_json::from_str(&text).map_err(|_| wrong(path, "must be a list"))?
            }
            one if self.is_text => vec![one],
            _ => return Err(wrong(path, "must be a list")),
        };
        let limits = &self.parameter.limits;
        if limits.min_length.is_some_and(|min| items.len() < min && path == self.parameter.name) {
            return Err(wrong(path, "has too few values"));
        }
        if limits.max_length.is_some_and(|max| items.len() > max && path == self.parameter.name) {
            return Err(wrong(path, "has too many values"));
        }
        let coerce = |(index, value)| self.coerce(item, value, &format!("{path}.{index}"));
        Ok(Graphql::List(items.into_iter().enumerate().map(coerce).collect::<Result<_, _>>()?))
    }

    fn object(&self, members: &[Member], value: Value, path: &str) -> Coerced {
        let mut given = match value {
            Value::Object(given) => given,
            Value::String(text) if self.is_text => {
                serde_json::from_str(&text).map_err(|_| wrong(path, "must be an object"))?
            }
            _ => return Err(wrong(path, "must be an object")),
        };
        // Members of a body that is one object have no other name.
        let is_whole = self.parameter.place == Place::WholeBody && path == self.parameter.name;
        let mut object = async_graphql::indexmap::IndexMap::new();
        for member in members {
            let path = if is_whole { member.name.clone() } else { format!("{path}.{}", member.name) };
            match given.remove(&member.name) {
                Some(value) => {
                    object.insert(Name::new(&member.name), self.coerce(&member.of, value, &path)?);
                }
                None if member.of.is_required && !member.has_default => {
                    return Err(Wrong { path, code: MISSING, says: "is required".into() });
                }
                None => {}
            }
        }
        Ok(Graphql::Object(object))
    }

    /// A value of an enum, by the system's word for it.
    fn word(&self, name: &str, values: &[String], value: &Value, path: &str) -> Coerced {
        self.check_number(value, path)?;
        let given = text::of(value);
        let found = match self.settings.words.get(name) {
            Some(words) => words
                .iter()
                .find(|(name, word)| *name != OTHERS && text::of(word).eq_ignore_ascii_case(&given))
                .map(|(name, _)| name),
            None => values.iter().find(|value| **value == given),
        };
        let found = found.ok_or_else(|| wrong(path, "is not one of the values that are allowed"))?;
        Ok(Graphql::Enum(Name::new(found)))
    }

    fn scalar(&self, name: &str, value: Value, path: &str) -> Coerced {
        let is_loose = self.is_text || self.settings.is_lenient;
        match name {
            "Int" | "Long" => {
                let number = whole(&value, is_loose, name).ok_or_else(|| wrong(path, "must be an integer"))?;
                self.check_number(&number.into(), path)?;
                Ok(Graphql::Number(number.into()))
            }
            "Float" => {
                let number = float(&value, is_loose).ok_or_else(|| wrong(path, "must be a number"))?;
                self.check_number(&Value::Number(number.clone()), path)?;
                Ok(Graphql::Number(number))
            }
            "Boolean" => {
                boolean(&value, is_loose).map(Graphql::Boolean).ok_or_else(|| wrong(path, "must be true or false"))
            }
            "JSON" => Graphql::from_json(value).map_err(|_| wrong(path, "must be JSON")),
            "Decimal" => {
                let number = decimal(&value, is_loose).ok_or_else(|| wrong(path, "must be a number"))?;
                self.check_number(&number.clone().into(), path)?;
                Ok(Graphql::String(number))
            }
            _ => self.plain(name, value, is_loose, path),
        }
    }

    /// Texts, and scalars that are written as texts.
    fn plain(&self, name: &str, value: Value, is_loose: bool, path: &str) -> Coerced {
        let given = match value {
            Value::String(text) => text,
            Value::Number(number) if is_loose || name == "ID" => number.to_string(),
            _ => return Err(wrong(path, "must be a string")),
        };
        let limits = &self.parameter.limits;
        let length = given.chars().count();
        if limits.min_length.is_some_and(|min| length < min) {
            return Err(wrong(path, "is too short"));
        }
        if limits.max_length.is_some_and(|max| length > max) {
            return Err(wrong(path, format!("must not be longer than {} characters", limits.max_length.unwrap_or(0))));
        }
        if limits.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(&given)) {
            return Err(wrong(path, "has the wrong format"));
        }
        format::read(name, given, self.zone).map(Graphql::String).map_err(|says| wrong(path, says))
    }

    fn check_number(&self, value: &Value, path: &str) -> Result<(), Wrong> {
        let limits = &self.parameter.limits;
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse::<f64>().ok(),
            _ => None,
        };
        let Some(number) = number else { return Ok(()) };
        match (limits.min, limits.max) {
            (Some(min), _) if number < min => Err(wrong(path, format!("must be at least {min}"))),
            (_, Some(max)) if number > max => Err(wrong(path, format!("must be at most {max}"))),
            _ => Ok(()),
        }
    }
}

fn whole(value: &Value, is_loose: bool, name: &str) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) if is_loose => text.trim().parse().ok()?,
        _ => return None,
    };
    (name == "Long" || i32::try_from(number).is_ok()).then_some(number)
}

fn float(value: &Value, is_loose: bool) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) if is_loose => Number::from_f64(text.trim().parse().ok()?),
        _ => None,
    }
}

fn decimal(value: &Value, is_loose: bool) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if is_loose => text.trim().to_owned(),
        _ => return None,
    };
    format::is_decimal(&text).then_some(text)
}

fn boolean(value: &Value, is_loose: bool) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::Number(number) if is_loose => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) if is_loose => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
