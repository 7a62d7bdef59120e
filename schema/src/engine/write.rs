//! Fetched rows as JSON text, written once, in the order of the selection.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::QueryResult;

use super::{
    connection::Written,
    fetch::{Fetched, Group, Grouped},
    id,
    model::Leaf,
    pick::{Json, Pick},
    plan::Plan,
    request::Request,
    tree::{Member, Node, View},
};
use crate::{client, error::Error, money, phone};

/// Writes rows into a text.
pub struct Writer<'a> {
    pub request: Request<'a>,
    pub out: String,
    /// What code has to say about fields that are no columns, by field name and row.
    pub computed: &'a super::computed::Computed,
}

impl Writer<'_> {
    /// One row.
    ///
    /// # Errors
    /// A column has not the type that the model says.
    pub fn row(&mut self, plan: &Plan, view: usize, fetched: &Fetched, row: usize) -> Result<(), Error> {
        self.members(plan, &plan.views[view], fetched, row)
    }

    fn members(&mut self, plan: &Plan, members: &[Member], fetched: &Fetched, row: usize) -> Result<(), Error> {
        self.out.push('{');
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out.push_str(&member.key);
            self.node(plan, &member.node, fetched, row)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn node(&mut self, plan: &Plan, node: &Node, fetched: &Fetched, row: usize) -> Result<(), Error> {
        let values = &fetched.rows[row];
        match node {
            Node::Null => self.out.push_str("null"),
            Node::Literal(json) => self.out.push_str(json),
            Node::Id { of, place } => match get::<i64>(values, *place)? {
                Some(number) => self.text(&id::encode(of, self.request.hub.instance, number)),
                None => self.out.push_str("null"),
            },
            Node::Leaf { place, leaf } => self.leaf(values, *place, leaf)?,
            Node::Money { minor, currency, members } => self.money(values, (*minor, *currency), members)?,
            Node::PhoneParts { phone, raw, members } => self.phone_parts(values, (*phone, *raw), members)?,
            Node::Image { place, members } => self.image(values, *place, members)?,
            Node::Link { place } => {
                let number = get::<i64>(values, *place)?.unwrap_or_default();
                let link = self.file_link(number);
                self.text(&link);
            }
            Node::DaysSince { place } => match get::<DateTime<Utc>>(values, *place)? {
                Some(instant) => {
                    let days = (self.request.hub.clock.now() - instant).num_days();
                    let _ = write!(self.out, "{days}");
                }
                None => self.out.push_str("null"),
            },
            Node::Masked { place } => match get::<String>(values, *place)? {
                Some(text) => self.text(&masked(&text)),
                None => self.out.push_str("null"),
            },
            Node::Answers { place, is_labelled } => {
                let json = get::<String>(values, *place)?.unwrap_or_else(|| "{}".to_owned());
                self.out.push_str(&if *is_labelled { client::labelled(&json) } else { json });
            }
            Node::Json { json, pick } => self.json((plan, fetched), (values, *json), pick)?,
            Node::Object { presence, members } => match presence {
                Some(place) if get::<i64>(values, *place)?.is_none() => self.out.push_str("null"),
                _ => self.members(plan, members, fetched, row)?,
            },
            Node::Child { child, view } => self.child(plan, (*child, view), fetched, row)?,
            Node::OneOf { children } => self.one_of(plan, children, fetched, row)?,
            Node::Code { field, of, place, arguments, given } => {
                let number = get::<i64>(values, *place)?.unwrap_or_default();
                let json = self.computed.value((of, number, given), &field.name, arguments);
                self.out.push_str(&json);
            }
        }
        Ok(())
    }

    fn file_link(&self, file: i64) -> String {
        let hub = self.request.hub;
        let lasts = chrono::Duration::minutes(i64::from(hub.settings.files.link_minutes));
        hub.files.link(file, hub.clock.now() + lasts)
    }

    /// Text as JSON.
    pub fn text(&mut self, text: &str) {
        quote(&mut self.out, text);
    }

    /// One column.
    ///
    /// # Errors
    /// It has not the type that the model says.
    pub fn leaf(&mut self, values: &QueryResult, place: usize, leaf: &Leaf) -> Result<(), Error> {
        let out = &mut self.out;
        let is_there = match leaf {
            Leaf::Text | Leaf::Key | Leaf::Stamp => get::<String>(values, place)?.map(|text| quote(out, &text)),
            Leaf::Integer | Leaf::SmallInteger => get::<i64>(values, place)?.map(|number| {
                let _ = write!(out, "{number}");
            }),
            Leaf::Float => get::<f64>(values, place)?.map(|number| {
                let _ = write!(out, "{}", serde_json::Value::from(number));
            }),
            Leaf::Boolean => get::<bool>(values, place)?.map(|is| out.push_str(if is { "true" } else { "false" })),
            Leaf::Instant => get::<DateTime<Utc>>(values, place)?.map(|instant| quote(out, &rfc3339(instant))),
            Leaf::Day => get::<NaiveDate>(values, place)?.map(|day| {
                let _ = write!(out, "\"{day}\"");
            }),
            Leaf::Json => get::<String>(values, place)?.map(|json| out.push_str(&json)),
            Leaf::Millionths => get::<i64>(values, place)?.map(|number| quote(out, &money::millionths(number))),
            Leaf::Ordinal(of) => get::<i64>(values, place)?.map(|number| {
                let place = usize::try_from(number - 1).unwrap_or_default();
                quote(out, self.request.model().enums[of].get(place).map_or("", |value| &value.name));
            }),
        };
        if is_there.is_none() {
            self.out.push_str("null");
        }
        Ok(())
    }

    fn money(
        &mut self,
        values: &QueryResult,
        (minor, currency): (usize, usize),
        members: &[(String, String)],
    ) -> Result<(), Error> {
        let (Some(minor), Some(currency)) = (get::<i64>(values, minor)?, get::<String>(values, currency)?) else {
            self.out.push_str("null");
            return Ok(());
        };
        self.amount(minor, &currency, members);
        Ok(())
    }

    /// An amount.
    pub fn amount(&mut self, minor: i64, currency: &str, members: &[(String, String)]) {
        self.object(members, |writer, name| match name {
            "amountMinor" => {
                let _ = write!(writer.out, "{minor}");
            }
            "currency" => writer.text(currency),
            "amount" => writer.text(&money::format_minor(minor, currency)),
            _ => writer.text("Money"),
        });
    }

    /// An object of which code writes each value by its field name.
    pub fn object(&mut self, members: &[(String, String)], mut value: impl FnMut(&mut Self, &str)) {
        self.out.push('{');
        for (index, (key, name)) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out.push_str(key);
            value(self, name);
        }
        self.out.push('}');
    }

    pub(super) fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.out.push_str("null"),
        }
    }

    fn phone_parts(
        &mut self,
        values: &QueryResult,
        (phone, raw): (usize, usize),
        members: &[(String, String)],
    ) -> Result<(), Error> {
        let (phone, raw) = (get::<String>(values, phone)?, get::<String>(values, raw)?);
        if phone.is_none() && raw.is_none() {
            self.out.push_str("null");
            return Ok(());
        }
        let parts = phone.as_deref().and_then(phone::parts);
        self.object(members, |writer, name| match name {
            "countryCode" => writer.optional(parts.as_ref().map(|parts| parts.country_code.as_str())),
            "nationalNumber" => writer.optional(parts.as_ref().map(|parts| parts.national_number.as_str())),
            "nationalFormat" => writer.optional(parts.as_ref().map(|parts| parts.national_format.as_str())),
            "raw" => writer.optional(raw.as_deref().or(phone.as_deref())),
            _ => writer.text("PhoneParts"),
        });
        Ok(())
    }

    fn image(&mut self, values: &QueryResult, place: usize, members: &[(String, String)]) -> Result<(), Error> {
        let Some(number) = get::<i64>(values, place)? else {
            self.out.push_str("null");
            return Ok(());
        };
        let link = self.file_link(number);
        self.object(members, |writer, name| match name {
            "url" => writer.text(&link),
            "smallUrl" => writer.text(&format!("{link}?width=96")),
            "thumbnailUrl" => writer.text(&format!("{link}?width=32")),
            _ => writer.text("Image"),
        });
        Ok(())
    }

    fn json(
        &mut self,
        rows: (&Plan, &Fetched),
        (values, json): (&QueryResult, Json),
        pick: &Pick,
    ) -> Result<(), Error> {
        let Some(text) = get::<String>(values, json.place)? else {
            self.out.push_str("null");
            return Ok(());
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(Error::internal)?;
        let tenant = json.tenant.map_or(Ok(None), |place| get::<i64>(values, place))?;
        self.picked(rows, pick, (&value, tenant))
    }

    fn one_of(&mut self, plan: &Plan, children: &[(usize, usize)], fetched: &Fetched, row: usize) -> Result<(), Error> {
        for (child, view) in children {
            let grouped = &fetched.children[*child];
            if let Some(found) = group_of(plan, *child, fetched, row)?.and_then(|group| group.rows.first()) {
                return self.row(&plan.children[*child].plan, *view, &grouped.fetched, *found);
            }
        }
        self.out.push_str("null");
        Ok(())
    }

    /// What a child shows of one parent.
    ///
    /// # Errors
    /// A column has not the type that the model says.
    pub fn child(
        &mut self,
        plan: &Plan,
        (place, view): (usize, &View),
        fetched: &Fetched,
        row: usize,
    ) -> Result<(), Error> {
        let child = &plan.children[place];
        let grouped = &fetched.children[place];
        let nothing = Group::default();
        let group = group_of(plan, place, fetched, row)?.unwrap_or(&nothing);
        match view {
            View::List(view) => self.list(&child.plan, *view, &grouped.fetched, &group.rows),
            View::Text => {
                if let Some(found) = group.rows.first() {
                    return self.leaf(&grouped.fetched.rows[*found], 0, &Leaf::Text);
                }
                self.out.push_str("null");
                Ok(())
            }
            View::First(view) => {
                if let Some(found) = group.rows.first() {
                    return self.row(&child.plan, *view, &grouped.fetched, *found);
                }
                self.out.push_str("null");
                Ok(())
            }
            View::Connection(parts) => {
                let total = total_of(grouped, plan, place, fetched, row)?;
                let page = child.page.as_ref().expect("connections have a page");
                self.connection(
                    parts,
                    &Written {
                        plan: &child.plan,
                        fetched: &grouped.fetched,
                        rows: &group.rows,
                        has_more: group.has_more,
                        page,
                        terms: &child.terms,
                        total: Some(total),
                    },
                )
            }
        }
    }

    /// Rows as a list.
    ///
    /// # Errors
    /// A column has not the type that the model says.
    pub fn list(&mut self, plan: &Plan, view: usize, fetched: &Fetched, rows: &[usize]) -> Result<(), Error> {
        self.out.push('[');
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.row(plan, view, fetched, *row)?;
        }
        self.out.push(']');
        Ok(())
    }
}

fn key_of(plan: &Plan, child: usize, fetched: &Fetched, row: usize) -> Result<Option<i64>, Error> {
    get(&fetched.rows[row], plan.children[child].parent)
}

fn group_of<'a>(plan: &Plan, child: usize, fetched: &'a Fetched, row: usize) -> Result<Option<&'a Group>, Error> {
    Ok(key_of(plan, child, fetched, row)?.and_then(|key| fetched.children[child].groups.get(&key)))
}

fn total_of(grouped: &Grouped, plan: &Plan, child: usize, fetched: &Fetched, row: usize) -> Result<i64, Error> {
    let key = key_of(plan, child, fetched, row)?.unwrap_or_default();
    Ok(grouped.totals.get(&key).copied().unwrap_or_default())
}

pub(super) fn get<T: sea_orm::TryGetable>(row: &QueryResult, place: usize) -> Result<Option<T>, Error> {
    Ok(row.try_get_by_index::<Option<T>>(place)?)
}

/// RFC 3339 with "Z" and no more digits than needed.
#[must_use]
pub fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// All but the last four characters hidden.
fn masked(text: &str) -> String {
    let count = text.chars().count();
    text.chars().enumerate().map(|(index, letter)| if index + 4 < count { '*' } else { letter }).collect()
}

/// Text as JSON, into a text.
pub fn quote(out: &mut String, text: &str) {
    // Most texts have nothing to escape.
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).expect("text is JSON"));
    }
}
