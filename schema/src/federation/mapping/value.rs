//! Values that the hub makes of what a foreign row holds: found under response keys, converted, put together to
//! objects. It must not know documents.

use std::{borrow::Cow, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::value::RawValue;

use super::{conversion::Conversion, numbers::Numbers};
use crate::federation::{
    project::{Members, Projection, WrongShape},
    question::{Kind, Member},
};

/// A member of a row that is not copied as it came.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// The same JSON for all rows.
    Constant(String),
    /// A global id: what stands before the number, and the number.
    Id { prefix: String, number: Found },
    /// One value, found deeper or converted.
    Leaf(Found),
    /// An object of values that lie side by side; null if all of them are.
    Object { members: Vec<Member>, is_nullable: bool },
}

/// A value under response keys.
#[derive(Clone, Debug)]
pub struct Found {
    /// From the row, or the object at hand, down to the value.
    pub keys: Vec<String>,
    pub conversion: Option<Arc<Conversion>>,
    pub kind: Kind,
    pub is_nullable: bool,
    pub is_list: bool,
    /// For assigned numbers: those of the source, and the type that they are of.
    pub assigned: Option<(Arc<Numbers>, &'static str)>,
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        (&self.keys, &self.conversion, &self.kind) == (&other.keys, &other.conversion, &other.kind)
    }
}

impl Found {
    /// Our value in JSON; `null` if it is null, or an object on the way is.
    ///
    /// # Errors
    /// It is absent, null though it must not be, or of another kind.
    pub fn json<'a>(&self, object: &Members<'a>) -> Result<Cow<'a, str>, WrongShape> {
        let json = self.convert(self.raw(object)?)?;
        if json == "null" {
            return if self.is_nullable { Ok(json) } else { Err(WrongShape("is null".into())) };
        }
        if self.is_list {
            self.check_list(&json)?;
        } else {
            self.check(&json)?;
        }
        Ok(json)
    }

    fn convert<'a>(&self, raw: &'a str) -> Result<Cow<'a, str>, WrongShape> {
        let Some(conversion) = &self.conversion else { return Ok(Cow::Borrowed(raw)) };
        let converted = conversion.apply(raw).ok_or_else(|| WrongShape(format!("{raw:.40} cannot be converted")))?;
        Ok(Cow::Owned(match &self.assigned {
            Some((numbers, of)) if converted != "null" => number(numbers, of, &converted)?,
            _ => converted,
        }))
    }

    /// The foreign value.
    ///
    /// # Errors
    /// It is absent.
    pub fn raw<'a>(&self, object: &Members<'a>) -> Result<&'a str, WrongShape> {
        let mut keys = self.keys.iter();
        let first = keys.next().and_then(|key| object.get(key));
        let mut current = first.ok_or_else(|| WrongShape("is absent".into()))?;
        for key in keys {
            if current.get() == "null" {
                return Ok("null");
            }
            current = Members::parse(current)?.get(key).ok_or_else(|| WrongShape("is absent".into()))?;
        }
        Ok(current.get())
    }

    /// All our values in JSON, several if a list is on the way; those that cannot be converted are an error.
    ///
    /// # Errors
    /// One is absent or of another kind.
    pub fn all(&self, object: &Members<'_>) -> Result<Vec<String>, WrongShape> {
        let Some((first, keys)) = self.keys.split_first() else { return Ok(Vec::new()) };
        let first = object.get(first).ok_or_else(|| WrongShape("is absent".into()))?;
        let mut raw = Vec::new();
        gather(first, keys, &mut raw)?;
        raw.into_iter().map(|raw| self.convert(raw).map(Cow::into_owned)).collect()
    }

    fn check(&self, json: &str) -> Result<(), WrongShape> {
        if self.kind.holds(json) { Ok(()) } else { Err(WrongShape(format!("is no {}", self.kind.name()))) }
    }

    fn check_list(&self, json: &str) -> Result<(), WrongShape> {
        let elements: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| WrongShape("is no list".into()))?;
        elements.into_iter().try_for_each(|element| self.check(element.get()))
    }
}

/// Values under keys; a list on the way gives those of its elements.
fn gather<'a>(raw: &'a RawValue, keys: &[String], out: &mut Vec<&'a str>) -> Result<(), WrongShape> {
    if raw.get().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| WrongShape("is no list".into()))?;
        return elements.into_iter().try_for_each(|element| gather(element, keys, out));
    }
    match keys.split_first() {
        Some((key, rest)) if raw.get() != "null" => {
            let inner = Members::parse(raw)?.get(key).ok_or_else(|| WrongShape("is absent".into()))?;
            gather(inner, rest, out)
        }
        _ => {
            out.push(raw.get());
            Ok(())
        }
    }
}

fn number(numbers: &Numbers, of: &'static str, key: &str) -> Result<String, WrongShape> {
    let key: String = serde_json::from_str(key).map_err(|_| WrongShape("is no key".into()))?;
    let number = numbers.get(of, &key).ok_or_else(|| WrongShape("has no number at the hub".into()))?;
    Ok(number.to_string())
}

impl Made {
    /// Writes the value for a row, or for the object at hand.
    ///
    /// # Errors
    /// What it is made of is not what was promised.
    pub fn write(&self, projection: &mut Projection<'_>, object: &Members<'_>) -> Result<(), WrongShape> {
        match self {
            Self::Constant(json) => projection.out.push_str(json),
            Self::Leaf(found) => projection.out.push_str(&found.json(object)?),
            Self::Id { prefix, number } => {
                let number = number.json(object)?;
                projection.out.push('"');
                BASE64_URL_SAFE_NO_PAD.encode_string(format!("{prefix}{number}"), &mut projection.out);
                projection.out.push('"');
            }
            Self::Object { members, is_nullable } => {
                if *is_nullable && is_all_null(members, object) {
                    projection.out.push_str("null");
                } else {
                    projection.object(members, object, 0)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether all values of an object that were asked for are null.
fn is_all_null(members: &[Member], object: &Members<'_>) -> bool {
    members.iter().all(|member| match member {
        Member::Made { made: Made::Leaf(found) | Made::Id { number: found, .. }, .. } => {
            found.raw(object).is_ok_and(|raw| raw == "null")
        }
        Member::Made { made: Made::Object { members, .. }, .. } => is_all_null(members, object),
        _ => true,
    })
}
