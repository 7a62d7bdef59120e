//! Members of an input as columns: references resolved, amounts in minor units, phones in E.164, objects spread.

use std::collections::HashMap;

use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    super::{
        compare,
        find::Found,
        model::{Argument, Binding, Column, Leaf, Link, Object, Table, capitalized, snake},
        sql::Piece,
    },
    look_up::{look_up, within},
};
use crate::{
    amount, check, choice, email,
    error::Code,
    note, phone,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Members of an input, coerced.
pub type Members = IndexMap<Name, Value>;

/// What drafting one input needs.
struct Drafter<'a> {
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    object: &'static Object,
    table: &'static Table,
    /// Path of the input, for messages.
    path: String,
    /// Rows that members name, as far as they were looked up together.
    found: HashMap<String, Found>,
}

/// Which row an input describes.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// GraphQL type of the row, and of the input.
    pub of: &'a str,
    pub input: &'a str,
    pub tenant: Option<i64>,
    /// None for a new row.
    pub number: Option<i64>,
}

/// The row that the members of an input describe. Members without a column of their own are left to rules.
///
/// # Errors
/// The first member at fault.
pub async fn draft(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    target: Target<'_>,
    members: &Members,
) -> Result<Draft, Failure> {
    let Target { of, input, tenant, number } = target;
    let request = call.request();
    let (object, table) = request.model().rows(of).expect("rows are written to tables");
    let declared = request.model().inputs.get(input).map_or(&[][..], Vec::as_slice);
    let found = look_up(call, tx, (object, tenant), members).await?;
    let drafter = Drafter { call, tx, object, table, path: String::new(), found };
    let mut draft = Draft::new(&object.name, number, tenant);
    for (name, value) in members {
        if name == "tenant" {
            continue;
        }
        if *value == Value::Null && draft.is_new() {
            continue;
        }
        let member = declared.iter().find(|member| member.name == name.as_str());
        drafter.member(&mut draft, name, member, value).await?;
    }
    Ok(draft)
}

impl Drafter<'_> {
    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn column(&self, name: &str) -> Option<Column> {
        self.call.request().model().column(&self.table.name, name)
    }

    async fn member(
        &self,
        draft: &mut Draft,
        name: &str,
        member: Option<&Argument>,
        value: &Value,
    ) -> Result<(), Failure> {
        let Some(field) = self.object.fields.get(name) else {
            // A party of a note or contact is a column, though no field of its own.
            let key = format!("{}_id", snake(name));
            if self.column(&key).is_some() && member.is_some_and(|member| member.of.name == "Reference") {
                let of = self.party(name);
                return self.reference(draft, &key, (value, name), &of).await;
            }
            return Ok(());
        };
        match &field.binding {
            Binding::Leaf { column, .. } if member.is_some_and(|member| member.of.name == "PhoneInput") => {
                self.phone(draft, column, (value, name))
            }
            Binding::Masked { column, .. } => self.leaf(draft, column, &Leaf::Text, (value, &field.of.name, name)),
            Binding::Leaf { column, leaf } => self.leaf(draft, column, leaf, (value, &field.of.name, name)),
            Binding::Money { minor, currency } => self.money(draft, (minor, currency), (value, name)),
            Binding::One { column } => {
                // Inputs that write a related row are left to rules.
                if member.is_some_and(|member| member.of.name != "Reference") {
                    return Ok(());
                }
                match &field.choice {
                    Some(category) if *value != Value::Null => {
                        let chosen = choice::choose(self.call, self.tx, value, &self.path(name), category).await?;
                        draft.set(column, chosen);
                        Ok(())
                    }
                    _ => self.reference(draft, column, (value, name), &field.of.name).await,
                }
            }
            Binding::Many(many) => match (&many.by, value) {
                (Link::Through { table, from, to }, Value::List(items)) => {
                    let mut numbers = Vec::new();
                    for (index, item) in items.iter().enumerate() {
                        let path = format!("{}.{index}", self.path(name));
                        numbers.push(self.resolve((item, &path), &many.of, draft.tenant).await?);
                    }
                    draft.links.push((table.clone(), from.clone(), to.clone(), numbers));
                    Ok(())
                }
                _ => Ok(()),
            },
            Binding::Json { column } => self.json(draft, column, value).await,
            Binding::Embedded { prefix } => self.embedded(draft, prefix, (value, name), &field.of.name).await,
            Binding::Image { column } => self.image(draft, column, (value, name)).await,
            _ => Ok(()),
        }
    }

    fn party(&self, name: &str) -> String {
        let of = capitalized(name);
        debug_assert!(self.call.request().model().objects.contains_key(&of));
        of
    }

    /// Clears a column, unless it must hold something.
    fn clear(&self, draft: &mut Draft, column: &str, name: &str) -> Result<(), Failure> {
        let Some(found) = self.column(column) else { return Ok(()) };
        if !found.is_nullable {
            return Err(fault(Code::Required, &self.path(name), format!("{name} must not be empty.")));
        }
        draft.set(column, Leaf::of(found.kind).null());
        Ok(())
    }

    fn leaf(
        &self,
        draft: &mut Draft,
        column: &str,
        leaf: &Leaf,
        (value, of, name): (&Value, &str, &str),
    ) -> Result<(), Failure> {
        if *value == Value::Null {
            return self.clear(draft, column, name);
        }
        let path = self.path(name);
        let value = match leaf {
            Leaf::Instant => {
                let zone = self.call.hub.directory.time_zone(draft.tenant);
                let instant = text(value).and_then(|text| compare::parse_instant(text, zone));
                instant.ok_or_else(|| fault(Code::InvalidDate, &path, format!("{name} is no instant.")))?.into()
            }
            Leaf::Day => {
                let day = text(value).and_then(|text| text.parse::<chrono::NaiveDate>().ok());
                day.ok_or_else(|| fault(Code::InvalidDate, &path, format!("{name} is no day (YYYY-MM-DD).")))?.into()
            }
            Leaf::Text | Leaf::Key | Leaf::Stamp => self.text(column, (value, of, name))?,
            Leaf::Json => {
                let json = value.clone().into_json().map_err(|_| fault(Code::Invalid, &path, "This is no JSON."))?;
                sea_orm::Value::Json(Some(Box::new(json)))
            }
            Leaf::Ordinal(of) => {
                let place = text(value)
                    .and_then(|word| self.call.request().model().enums[of].iter().position(|found| found.name == word));
                let place = place.and_then(|place| i32::try_from(place + 1).ok());
                place.ok_or_else(|| fault(Code::Invalid, &path, format!("{name} is no {of}.")))?.into()
            }
            Leaf::SmallInteger => {
                let number = integer(value).and_then(|number| i32::try_from(number).ok());
                number.ok_or_else(|| fault(Code::Invalid, &path, format!("{name} is no whole number.")))?.into()
            }
            Leaf::Integer => {
                integer(value).ok_or_else(|| fault(Code::Invalid, &path, format!("{name} is no whole number.")))?.into()
            }
            Leaf::Float => match value {
                Value::Number(number) => number.as_f64().into(),
                _ => return Err(fault(Code::Invalid, &path, format!("{name} is no number."))),
            },
            Leaf::Boolean => matches!(value, Value::Boolean(true)).into(),
            Leaf::Millionths => return Ok(()),
        };
        draft.set(column, value);
        Ok(())
    }

    fn text(&self, column: &str, (value, of, name): (&Value, &str, &str)) -> Result<sea_orm::Value, Failure> {
        let path = self.path(name);
        let invalid = |what: &str| fault(Code::Invalid, &path, format!("{name} is no {what}."));
        let text = text(value).ok_or_else(|| invalid("text"))?.trim();
        let is_required = self.column(column).is_some_and(|found| !found.is_nullable);
        if text.is_empty() {
            if is_required {
                return Err(fault(Code::Required, &path, format!("{name} must not be empty.")));
            }
            return Ok(sea_orm::Value::String(None));
        }
        if text.contains('\0') || text.len() > MOST_TEXT {
            return Err(fault(Code::Invalid, &path, format!("{name} is too long or has a NUL character.")));
        }
        let text = match of {
            "EmailAddress" if !email::is_valid(text) => return Err(invalid("e-mail address")),
            "URL" if check::web_address(text).is_none() => return Err(invalid("http or https address")),
            "CurrencyCode" => {
                let code = text.to_ascii_uppercase();
                crate::money::exponent(&code).map(|_| code).ok_or_else(|| invalid("ISO 4217 currency"))?
            }
            _ => text.to_owned(),
        };
        Ok(text.into())
    }

    fn money(
        &self,
        draft: &mut Draft,
        (minor, currency): (&str, &str),
        (value, name): (&Value, &str),
    ) -> Result<(), Failure> {
        if self.column(minor).is_none() {
            return Ok(());
        }
        if *value == Value::Null {
            self.clear(draft, minor, name)?;
            return self.clear(draft, currency, name);
        }
        let base = self.call.hub.directory.base_currency(draft.tenant);
        let amount = amount::read(value, &self.path(name), &base)?;
        draft.set(minor, amount.minor);
        draft.set(currency, amount.currency);
        Ok(())
    }

    fn phone(&self, draft: &mut Draft, column: &str, (value, name): (&Value, &str)) -> Result<(), Failure> {
        let raw_column = format!("{column}_raw");
        let Value::Object(parts) = value else {
            self.clear(draft, column, name)?;
            return self.clear(draft, &raw_column, name);
        };
        let part = |name: &str| parts.get(name).and_then(text).map(str::trim).filter(|text| !text.is_empty());
        let Some(number) = part("number") else {
            return Err(fault(Code::Required, &format!("{}.number", self.path(name)), "Give the number."));
        };
        let country = self.call.hub.directory.company(draft.tenant).and_then(|company| company.country);
        let parsed = phone::parse(number, part("countryCode"), country.as_deref())
            .map_err(|()| fault(Code::Invalid, &self.path(name), format!("{number} is no phone number.")))?;
        draft.set(column, parsed);
        if self.column(&raw_column).is_some() {
            draft.set(&raw_column, number);
        }
        Ok(())
    }

    async fn resolve(&self, (value, path): (&Value, &str), of: &str, tenant: Option<i64>) -> Result<i64, Failure> {
        let within = within(of, tenant);
        let found = match self.found.get(path) {
            Some(found) => *found,
            // It says what is wrong.
            None => self.call.resolve_in(self.tx, (value, path), of, within).await?,
        };
        let (_, table) = self.call.request().model().rows(of).expect("references lead to tables");
        if within.is_some() && table.reach.is_some() && found.tenant != within {
            return Err(fault(Code::NotFound, path, "The row belongs to another company."));
        }
        Ok(found.number)
    }

    async fn reference(
        &self,
        draft: &mut Draft,
        column: &str,
        (value, name): (&Value, &str),
        of: &str,
    ) -> Result<(), Failure> {
        if *value == Value::Null {
            return self.clear(draft, column, name);
        }
        let number = self.resolve((value, &self.path(name)), of, draft.tenant).await?;
        draft.set(column, number);
        Ok(())
    }

    /// Members of a JSON column: absent ones stay as they are, null ones go.
    async fn json(&self, draft: &mut Draft, column: &str, value: &Value) -> Result<(), Failure> {
        let Value::Object(members) = value else {
            return self.clear(draft, column, column);
        };
        let mut stored = match draft.number {
            Some(number) => self.stored_json(column, number).await?,
            None => serde_json::Map::new(),
        };
        for (name, value) in members {
            match value {
                Value::Null => {
                    stored.remove(name.as_str());
                }
                value => {
                    stored.insert(name.to_string(), value.clone().into_json().unwrap_or_default());
                }
            }
        }
        draft.set(column, sea_orm::Value::Json(Some(Box::new(stored.into()))));
        Ok(())
    }

    async fn stored_json(
        &self,
        column: &str,
        number: i64,
    ) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
        let sql = format!("SELECT CAST(\"{column}\" AS TEXT) FROM \"{}\" WHERE id = ?", self.table.name);
        let piece = Piece::with(&sql, [number.into()]);
        let row = self.tx.query_one_raw(piece.statement(self.call.hub.database.backend())).await?;
        let text: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn embedded(
        &self,
        draft: &mut Draft,
        prefix: &str,
        (value, name): (&Value, &str),
        of: &str,
    ) -> Result<(), Failure> {
        let object = self.call.request().model().object(of);
        let members = match value {
            Value::Object(members) => members.clone(),
            // Null clears the whole object.
            _ => object.fields.keys().map(|name| (Name::new(name), Value::Null)).collect(),
        };
        for (inner, value) in &members {
            let Some(field) = object.fields.get(inner.as_str()) else { continue };
            let column = format!("{prefix}{}", snake(inner));
            let path = format!("{name}.{inner}");
            match self.column(&column) {
                Some(found) => {
                    self.leaf(draft, &column, &Leaf::of(found.kind), (value, &field.of.name, &path))?;
                }
                None => self.reference(draft, &format!("{column}_id"), (value, &path), &field.of.name).await?,
            }
        }
        Ok(())
    }

    async fn image(&self, draft: &mut Draft, column: &str, (value, name): (&Value, &str)) -> Result<(), Failure> {
        if *value == Value::Null {
            return self.clear(draft, column, name);
        }
        let tenant = draft.tenant.unwrap_or_default();
        let number = note::store_image(self.call, self.tx, value, (&self.path(name), tenant)).await?;
        draft.set(column, number);
        Ok(())
    }
}

/// Longest text that a column takes.
const MOST_TEXT: usize = 100_000;

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Enum(word) => Some(word.as_str()),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}
