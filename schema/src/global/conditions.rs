//! The filter of a global field as plain tests, for sources that cannot apply it themselves: times and amounts are
//! worked out here, where the viewer's zone and currency are known. It must not know sources.

use async_graphql::{Name, Value, indexmap::IndexMap};
use chrono::{DateTime, Duration, Months, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use serde_json::{Value as Json, json};

use crate::{
    engine::{
        compare::parse_instant,
        model::{Argument, Binding, Condition as Restricts, Leaf, Object, camel},
        request::Request,
    },
    federation::condition::{Compared, Condition, Operator, Test},
    money,
};

/// What a filter demands of the rows of an object. The filter has been checked before.
#[must_use]
pub fn of(request: &Request<'_>, object: &'static Object, filter: &IndexMap<Name, Value>) -> Condition {
    let members = &request.model().inputs[&format!("{}Filter", object.name)];
    Condition::All(filter.iter().map(|(name, value)| member(request, object, members, name, value)).collect())
}

fn member(
    request: &Request<'_>,
    object: &'static Object,
    members: &[Argument],
    name: &str,
    value: &Value,
) -> Condition {
    let each = |items: &[Value]| {
        let objects = items.iter().filter_map(|item| if let Value::Object(item) = item { Some(item) } else { None });
        objects.map(|item| of(request, object, item)).collect::<Vec<_>>()
    };
    match (name, value) {
        ("and", Value::List(items)) => return Condition::All(each(items)),
        // Without an alternative nothing is restricted.
        ("or", Value::List(items)) if items.is_empty() => return Condition::All(Vec::new()),
        ("or", Value::List(items)) => return Condition::Any(each(items)),
        ("not", Value::Object(inner)) => return Condition::Not(Box::new(of(request, object, inner))),
        _ => {}
    }
    let unknown = || Condition::Unknown(name.to_owned());
    let Some(member) = members.iter().find(|member| member.name == name) else { return unknown() };
    let subject = Subject { request, name };
    match &member.binding {
        Restricts::Columns(columns) if member.of.name == "StringFilter" => {
            let paths: Vec<String> = columns.iter().map(|column| camel(&column.to_ascii_uppercase())).collect();
            Subject::all(value, |operator, value| subject.test(&paths, operator, value, Compared::Text))
        }
        Restricts::Field => subject.field(object, name, value),
        Restricts::Path(path) => subject.field(object, path, value),
        _ => unknown(),
    }
}

#[derive(Clone, Copy)]
struct Subject<'a> {
    request: &'a Request<'a>,
    /// The member of the filter.
    name: &'a str,
}

impl Subject<'_> {
    fn unknown(&self) -> Condition {
        Condition::Unknown(self.name.to_owned())
    }

    fn all(value: &Value, one: impl Fn(&str, &Value) -> Condition) -> Condition {
        match value {
            Value::Object(operators) => {
                Condition::All(operators.iter().map(|(operator, value)| one(operator, value)).collect())
            }
            value => one("eq", value),
        }
    }

    fn test(&self, paths: &[String], operator: &str, value: &Value, kind: Compared) -> Condition {
        let (Some(found), Ok(value)) = (Operator::from_word(operator), value.clone().into_json()) else {
            return self.unknown();
        };
        self.plain(paths, (operator, found), value, kind)
    }

    fn plain(&self, paths: &[String], (word, operator): (&str, Operator), value: Json, kind: Compared) -> Condition {
        // A condition without operators, such as `isActive: true`, is named by its member alone.
        let name = if kind == Compared::Flag { self.name.to_owned() } else { format!("{}.{word}", self.name) };
        Condition::Test(Test { name, paths: paths.to_vec(), operator, value, kind })
    }

    fn field(&self, object: &'static Object, path: &str, value: &Value) -> Condition {
        let Some(field) = object.fields.get(path) else { return self.unknown() };
        let paths = [path.to_owned()];
        match &field.binding {
            Binding::Leaf { leaf, .. } | Binding::Expression { leaf, .. } => self.leaf(&paths, leaf, value),
            Binding::Money { .. } => self.money(path, value),
            Binding::One { .. } | Binding::Many(_) => self.relation(path, &field.of.name, value),
            _ => self.unknown(),
        }
    }

    fn leaf(&self, paths: &[String], leaf: &Leaf, value: &Value) -> Condition {
        let kind = match leaf {
            Leaf::Text | Leaf::Json if matches!(first(value), Some(Value::Enum(_))) => Compared::Word,
            Leaf::Text | Leaf::Json | Leaf::Key | Leaf::Stamp => Compared::Text,
            Leaf::Ordinal(_) => Compared::Word,
            Leaf::Boolean => Compared::Flag,
            Leaf::Instant => Compared::Instant,
            Leaf::Day => Compared::Day,
            Leaf::Integer | Leaf::SmallInteger | Leaf::Float | Leaf::Millionths => Compared::Number,
        };
        Self::all(value, |operator, value| match kind {
            Compared::Instant => self.instant(paths, operator, value),
            Compared::Day => self.day(paths, operator, value),
            _ => self.test(paths, operator, value, kind),
        })
    }

    fn instant(&self, paths: &[String], operator: &str, value: &Value) -> Condition {
        let zone = self.request.hub.directory.time_zone(self.request.viewer.tenant);
        let from = |at: DateTime<Utc>, word: &'static str| {
            let operator = Operator::from_word(word).expect("one of the list");
            self.plain(paths, (word, operator), instant(at), Compared::Instant)
        };
        let start = |day: NaiveDate| {
            let local = day.and_time(NaiveTime::MIN);
            zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc())
        };
        match (operator, value) {
            ("onOrAfter", Value::String(text)) => {
                text.parse().map_or_else(|_| self.unknown(), |day| from(start(day), "gte"))
            }
            ("onOrBefore", Value::String(text)) => {
                let next = text.parse().ok().and_then(|day: NaiveDate| day.succ_opt());
                next.map_or_else(|| self.unknown(), |next| from(start(next), "lt"))
            }
            ("withinDays", Value::Number(days)) => {
                let (now, days) = (self.request.hub.clock.now(), Duration::days(days.as_i64().unwrap_or(0)));
                Condition::All(vec![from(now - days, "gte"), from(now, "lte")])
            }
            ("isNull", _) => self.test(paths, operator, value, Compared::Instant),
            (_, Value::String(text)) => match (parse_instant(text, zone), Operator::from_word(operator)) {
                (Some(at), Some(found)) => self.plain(paths, (operator, found), instant(at), Compared::Instant),
                _ => self.unknown(),
            },
            _ => self.unknown(),
        }
    }

    fn day(&self, paths: &[String], operator: &str, value: &Value) -> Condition {
        let ("inMonth", Value::String(month)) = (operator, value) else {
            return self.test(paths, operator, value, Compared::Day);
        };
        let first = format!("{month}-01").parse::<NaiveDate>().ok();
        let Some((first, next)) = first.and_then(|first| Some((first, first.checked_add_months(Months::new(1))?)))
        else {
            return self.unknown();
        };
        let bound = |day: NaiveDate, word: &'static str, operator| {
            self.plain(paths, (word, operator), json!(day.to_string()), Compared::Day)
        };
        Condition::All(vec![bound(first, "gte", Operator::GreaterOrEqual), bound(next, "lt", Operator::Less)])
    }

    /// Amounts compare within one currency.
    fn money(&self, path: &str, value: &Value) -> Condition {
        let Value::Object(operators) = value else { return self.unknown() };
        let code = match operators.get("currency") {
            Some(Value::String(code)) => code.to_ascii_uppercase(),
            _ => self.request.hub.directory.base_currency(self.request.viewer.tenant),
        };
        let amount = [format!("{path}.amountMinor")];
        let mut parts = Vec::new();
        for (operator, value) in operators {
            if operator == "isNull" {
                parts.push(self.test(&amount, operator, value, Compared::Number));
                continue;
            }
            if operator != "currency" {
                let text = value
                    .clone()
                    .into_json()
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                let minor = text.ok().and_then(|text| money::parse_minor(&text, &code));
                let (Some(minor), Some(found)) = (minor, Operator::from_word(operator)) else { return self.unknown() };
                // A server with amounts of its own knows neither minor units nor our currency.
                parts.push(self.plain(&amount, ("amountMinor", found), json!(minor), Compared::Number));
            }
            let currency = [format!("{path}.currency")];
            parts.push(self.plain(&currency, ("currency", Operator::Equal), json!(code), Compared::Text));
        }
        Condition::All(parts)
    }

    fn relation(&self, path: &str, of: &str, value: &Value) -> Condition {
        let Value::Object(operators) = value else { return self.unknown() };
        let parts = operators.iter().map(|(of_what, value)| {
            let (field, kind) = match of_what.as_str() {
                "number" => ("number", Compared::Number),
                "name" => (called(of), Compared::Text),
                _ => return self.unknown(),
            };
            let paths = [format!("{path}.{field}")];
            let name = format!("{}.{of_what}", self.name);
            let inner = Subject { request: self.request, name: &name };
            Subject::all(value, |operator, value| inner.test(&paths, operator, value, kind))
        });
        Condition::All(parts.collect())
    }
}

/// The field that people call a row by.
fn called(of: &str) -> &'static str {
    match of {
        "Deal" | "Task" | "Announcement" => "title",
        "Ticket" => "subject",
        "Invoice" => "documentNumber",
        _ => "name",
    }
}

fn instant(at: DateTime<Utc>) -> Json {
    json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// The value of the first operator, or of the first element of its list.
fn first(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(operators) => operators.values().next().and_then(first),
        Value::List(items) => items.first(),
        value => Some(value),
    }
}
