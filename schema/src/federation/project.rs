//! Writes a row as the client asked for it, out of the bytes that a source sent: each value is checked by its first
//! byte and copied, never decoded. It must not know HTTP or order.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::question::{Field, Kind, Member};

/// A row that is not what was asked for; the text says where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongShape(pub String);

/// The members of a JSON object, in the order of the text.
#[derive(Debug)]
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Takes an object apart.
    ///
    /// # Errors
    /// The value is no object.
    pub fn parse(raw: &'a RawValue) -> Result<Self, WrongShape> {
        serde_json::from_str(raw.get()).map_err(|_| WrongShape("is no object".into()))
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    /// The value, if there is one member only.
    #[must_use]
    pub fn only(&self) -> Option<&'a RawValue> {
        match self.0.as_slice() {
            [(_, value)] => Some(value),
            _ => None,
        }
    }

    /// The value under a key, expected at a position: answers keep the order of the question.
    fn expect_at(&self, position: usize, key: &str) -> Option<&'a RawValue> {
        match self.0.get(position) {
            Some((name, value)) if name == key => Some(value),
            _ => self.get(key),
        }
    }
}

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'a> Visitor<'a> for MembersVisitor {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(members)
    }
}

/// A key, borrowed unless it holds escapes; `Cow` itself would always be owned.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Writes objects of one row.
pub struct Projection<'a> {
    /// The text of a `tenant` object, by slot.
    pub tenant_json: &'a dyn Fn(usize) -> &'a str,
    pub out: String,
}

impl Projection<'_> {
    /// Appends an object. `skip` members of it stand before the first one asked for here.
    ///
    /// # Errors
    /// A member is absent, null though it must not be, or of another kind.
    pub fn object(&mut self, members: &[Member], object: &Members<'_>, skip: usize) -> Result<(), WrongShape> {
        let mut position = skip;
        self.out.push('{');
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out.push('"');
            self.out.push_str(member.key());
            self.out.push_str("\":");
            match member {
                Member::Scalar { key, field, kind } => {
                    let value = object.expect_at(position, key);
                    self.field(field, value, |this, value| this.leaf(kind, value)).map_err(|error| error.below(key))?;
                    position += 1;
                }
                Member::Object { key, field, members } => {
                    let value = object.expect_at(position, key);
                    let write = |this: &mut Self, value: &RawValue| this.object(members, &Members::parse(value)?, 0);
                    self.field(field, value, write).map_err(|error| error.below(key))?;
                    position += 1;
                }
                Member::Typename { name, .. } => self.quoted(name),
                Member::Tenant { slot, .. } => self.out.push_str((self.tenant_json)(*slot)),
                Member::Missing { .. } => self.out.push_str("null"),
                Member::Made { key, made } => made.write(self, object).map_err(|error| error.below(key))?,
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn field(
        &mut self,
        field: &Field,
        value: Option<&RawValue>,
        mut write: impl FnMut(&mut Self, &RawValue) -> Result<(), WrongShape>,
    ) -> Result<(), WrongShape> {
        let value = value.ok_or_else(|| WrongShape("is absent".into()))?;
        if value.get() == "null" {
            if !field.is_nullable {
                return Err(WrongShape("is null".into()));
            }
            self.out.push_str("null");
            return Ok(());
        }
        if !field.is_list {
            return write(self, value);
        }
        let elements: Vec<&RawValue> =
            serde_json::from_str(value.get()).map_err(|_| WrongShape("is no list".into()))?;
        self.out.push('[');
        for (index, element) in elements.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, element)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn leaf(&mut self, kind: &Kind, value: &RawValue) -> Result<(), WrongShape> {
        if !kind.holds(value.get()) {
            return Err(WrongShape(format!("is no {}", kind.name())));
        }
        self.out.push_str(value.get());
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        self.out.push_str(text);
        self.out.push('"');
    }
}

impl WrongShape {
    fn below(self, key: &str) -> Self {
        let separator = if self.0.starts_with("is ") { " " } else { "." };
        Self(format!("{key}{separator}{}", self.0))
    }
}

impl Kind {
    /// Whether a JSON value that is well-formed is of this kind; null is of none but `Json`.
    #[must_use]
    pub fn holds(&self, json: &str) -> bool {
        match self {
            Self::Text => json.starts_with('"'),
            Self::Int => json.parse::<i32>().is_ok(),
            Self::Long => json.parse::<i64>().is_ok(),
            Self::Float => json.starts_with(|first: char| first == '-' || first.is_ascii_digit()),
            Self::Boolean => json == "true" || json == "false",
            Self::Enum(words) => {
                let word = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                word.is_some_and(|word| words.iter().any(|known| known == word))
            }
            Self::Json => json != "null",
        }
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "whole number of 32 bits",
            Self::Long => "whole number of 64 bits",
            Self::Float => "number",
            Self::Boolean => "Boolean",
            Self::Enum(_) => "word of its enum",
            Self::Json => "value",
        }
    }
}

#[cfg(test)]
#[path = "tests/project.rs"]
mod tests;
