//! From a request to the variables of an operation. Whatever is wrong is found here, before anything is executed,
//! and names the parameter. It must not know what the operation does.

pub mod alone;
pub mod coerce;
pub mod multipart;
mod rows;
pub mod text;

use async_graphql::{Name, UploadValue, Variables};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use self::{alone::Aside, coerce::Coercion};
use crate::{
    catalog::{Catalog, System},
    endpoint::{Endpoint, Parameter, Place},
    failure::{Failure, MALFORMED, MISSING, NOT_FOUND, WRONG},
    listing::Page,
};

/// What a request brings.
#[derive(Default)]
pub struct Incoming<'a> {
    /// Texts of the path's parameters, in order.
    pub path: &'a [String],
    pub query: &'a str,
    /// The address that was called, with its query.
    pub address: &'a str,
    pub headers: Option<&'a http::HeaderMap>,
    pub body: Body,
}

/// A body that has been read.
#[derive(Default)]
pub enum Body {
    #[default]
    None,
    Json(Vec<u8>),
    /// Names and texts, as in a query string.
    Form(Vec<u8>),
    /// Texts and files by name.
    Parts(Vec<(String, Part)>),
}

/// A part of a form with files.
pub enum Part {
    Text(String),
    File(UploadValue),
}

/// What is executed.
#[derive(Default)]
pub struct Bound {
    pub variables: Variables,
    /// Files by variable.
    pub files: Vec<(String, UploadValue)>,
    /// Rows that stand alone.
    pub aside: Option<Aside>,
    /// The page that is asked of a list by convention.
    pub page: Option<Page>,
}

/// The members of a request, by place.
struct Members {
    query: Map<String, Value>,
    /// The body as it is, and whether its values are texts.
    body: Value,
    is_text: bool,
    files: Vec<(String, UploadValue)>,
}

/// Binds a request.
///
/// # Errors
/// Everything that is wrong with it.
pub fn bind(
    catalog: &Catalog,
    system: &System,
    endpoint: &Endpoint,
    incoming: Incoming<'_>,
    zone: Tz,
) -> Result<Bound, Vec<Failure>> {
    let path = endpoint_path(endpoint, incoming.path);
    let headers = incoming.headers;
    let mut members = members(endpoint, incoming)?;
    let (mut bound, mut failures) = (Bound::default(), Vec::new());
    if let Some(listing) = &endpoint.listing {
        let is_other = |name: &str| endpoint.parameters.iter().any(|own| own.name == name && own.place == Place::Query);
        match listing.bind(&catalog.inputs, &members.query, is_other) {
            Ok((variables, page)) => (bound.variables, bound.page) = (variables, Some(page)),
            Err(more) => failures.extend(more),
        }
    }
    for parameter in chosen(endpoint, &members, &mut failures) {
        if parameter.place == Place::Listing {
            continue;
        }
        if parameter.of.name() == "Upload" {
            take_file(parameter, &mut members, &mut bound, &mut failures);
            continue;
        }
        let is_text = members.is_text || !matches!(parameter.place, Place::Body | Place::WholeBody);
        let coercion = Coercion { inputs: &catalog.inputs, settings: &system.settings, zone, parameter, is_text };
        if let Some(value) = instead(parameter, &members) {
            bound.variables.insert(Name::new(&parameter.variable), value);
            continue;
        }
        if endpoint.batch.is_some() && parameter.place == Place::WholeBody {
            let rows = std::mem::take(&mut members.body);
            let (rows, aside) = alone::rows(&coercion, rows).map_err(|failure| vec![failure])?;
            bound.variables.insert(Name::new(&parameter.variable), rows);
            bound.aside = Some(aside);
            continue;
        }
        let given = given(parameter, &members, &path, headers);
        if let Some(failure) = out_of_order(parameter, given.as_ref(), &members) {
            failures.push(failure);
            continue;
        }
        match coercion.value(given) {
            Ok(Some(value)) => {
                bound.variables.insert(Name::new(&parameter.variable), value);
            }
            Ok(None) => {}
            Err(_) if parameter.place == Place::Path => {
                let parameter = Some(parameter.name.clone());
                return Err(vec![Failure {
                    parameter,
                    ..Failure::new(NOT_FOUND, "There is nothing at this address.")
                }]);
            }
            Err(more) => failures.extend(more),
        }
    }
    together(endpoint, &members, &mut bound);
    if failures.is_empty() { Ok(bound) } else { Err(failures) }
}

/// What stands in the place of a parameter because of another member.
fn instead(parameter: &Parameter, members: &Members) -> Option<async_graphql::Value> {
    let ((name, wanted), value) = parameter.instead.as_ref()?;
    let found = members.query.get(name).or_else(|| members.body.get(name))?;
    if text::of(found) == *wanted { async_graphql::Value::from_json(value.clone()).ok() } else { None }
}

/// A day that lies after the one which must not lie before it.
fn out_of_order(parameter: &Parameter, given: Option<&Value>, members: &Members) -> Option<Failure> {
    let later = parameter.not_after.as_ref()?;
    let (first, rest) = later.split_once('.').unwrap_or((later, ""));
    let end = text::at(members.query.get(first).or_else(|| members.body.get(first))?, rest)?;
    // Days are written so that they sort as texts; what is no day is refused by its form.
    let is_day = |value: &Value| value.as_str().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok());
    let is_wrong = given.is_some_and(|start| is_day(start) && is_day(end) && text::of(start) > text::of(end));
    is_wrong.then(|| Failure::of(WRONG, &parameter.name, &format!("must not lie after {later}")))
}

/// What variables mean to one another.
fn together(endpoint: &Endpoint, members: &Members, bound: &mut Bound) {
    let is_true = |name: &String| members.body.get(name).is_some_and(|value| *value == Value::Bool(true));
    for parameter in &endpoint.parameters {
        let name = Name::new(&parameter.variable);
        if !bound.variables.contains_key(&name) && parameter.unless.iter().any(is_true) {
            bound.variables.insert(name.clone(), async_graphql::Value::Boolean(false));
        }
        // @include and @skip look at what was sent, not at defaults.
        if let (false, Some(Value::Bool(usual))) = (bound.variables.contains_key(&name), &parameter.default) {
            bound.variables.insert(name.clone(), async_graphql::Value::Boolean(*usual));
        }
    }
}

/// The parameters of the path, by name.
fn endpoint_path<'a>(endpoint: &Endpoint, texts: &'a [String]) -> Vec<(String, &'a str)> {
    crate::compile::names_in(&endpoint.path).into_iter().zip(texts.iter().map(String::as_str)).collect()
}

fn members(endpoint: &Endpoint, incoming: Incoming<'_>) -> Result<Members, Vec<Failure>> {
    let malformed = |message: String| vec![Failure::new(MALFORMED, message)];
    let query = text::tree(url::form_urlencoded::parse(incoming.query.as_bytes())).map_err(malformed)?;
    let mut members = Members { query, body: Value::Null, is_text: false, files: Vec::new() };
    match incoming.body {
        Body::None => {}
        Body::Form(bytes) => {
            members.body = Value::Object(text::tree(url::form_urlencoded::parse(&bytes)).map_err(malformed)?);
            members.is_text = true;
        }
        Body::Json(bytes) if bytes.trim_ascii().is_empty() => {}
        Body::Json(bytes) => {
            members.body = serde_json::from_slice(&bytes).map_err(|_| malformed("The body is not JSON.".into()))?;
        }
        Body::Parts(parts) => {
            let mut texts = Vec::new();
            for (name, part) in parts {
                match part {
                    Part::Text(text) => texts.push((name.into(), text.into())),
                    Part::File(file) => members.files.push((name, file)),
                }
            }
            members.body = Value::Object(text::tree(texts.into_iter()).map_err(malformed)?);
            members.is_text = true;
        }
    }
    refuse_strangers(endpoint, &members.body)?;
    let is_object = matches!(members.body, Value::Object(_) | Value::Null);
    if !is_object && endpoint.parameters.iter().any(|parameter| parameter.place == Place::Body) {
        return Err(malformed("The body must be a JSON object.".into()));
    }
    let is_bare = members.body.as_object().is_none_or(Map::is_empty);
    if endpoint.wants_some && is_bare {
        return Err(vec![Failure::new(MISSING, "Send at least one member.")]);
    }
    Ok(members)
}

/// Members that no variable takes, where only those may be.
fn refuse_strangers(endpoint: &Endpoint, body: &Value) -> Result<(), Vec<Failure>> {
    let Value::Object(members) = body else { return Ok(()) };
    if !endpoint.is_closed {
        return Ok(());
    }
    let is_known = |name: &str| {
        let first = |parameter: &Parameter| parameter.name.split('.').next().map(str::to_owned);
        endpoint.parameters.iter().any(|parameter| first(parameter).as_deref() == Some(name))
    };
    let mut failures: Vec<_> =
        members.keys().filter(|name| !is_known(name)).map(|name| Failure::of(WRONG, name, "is not known")).collect();
    if members.is_empty() {
        failures.push(Failure::new(WRONG, "The body says nothing."));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

/// An object whose keys are data, as a list.
fn unkeyed(parameter: &Parameter, value: &Value) -> Value {
    let (Some(key), Value::Object(members)) = (&parameter.keyed_by, value) else { return value.clone() };
    let item = |(name, value): (&String, &Value)| match value {
        Value::Object(inner) => {
            let mut inner = inner.clone();
            inner.insert(key.clone(), name.clone().into());
            Value::Object(inner)
        }
        other => other.clone(),
    };
    members.iter().map(item).collect()
}

/// The parameters that apply. Of those with one name and conditions one must fit.
fn chosen<'a>(endpoint: &'a Endpoint, members: &Members, failures: &mut Vec<Failure>) -> Vec<&'a Parameter> {
    let fits = |parameter: &Parameter| match &parameter.when {
        None => true,
        Some((member, wanted)) => members.body.get(member).is_some_and(|value| text::of(value) == *wanted),
    };
    let (chosen, left): (Vec<_>, Vec<_>) = endpoint.parameters.iter().partition(|parameter| fits(parameter));
    for parameter in left {
        let Some((member, _)) = &parameter.when else { continue };
        let is_known = chosen.iter().any(|other| other.name == parameter.name);
        let is_told = failures.iter().any(|failure| failure.parameter.as_ref() == Some(member));
        if !is_known && !is_told {
            failures.push(match members.body.get(member) {
                None => Failure::of(MISSING, member, "is required"),
                Some(_) => Failure::of(WRONG, member, "is not one of the values that are allowed"),
            });
        }
    }
    chosen
}

fn given(
    parameter: &Parameter,
    members: &Members,
    path: &[(String, &str)],
    headers: Option<&http::HeaderMap>,
) -> Option<Value> {
    match parameter.place {
        Place::Path => path.iter().find(|(name, _)| *name == parameter.name).map(|(_, text)| Value::from(*text)),
        Place::Query => {
            let (first, rest) = parameter.name.split_once('.').unwrap_or((&parameter.name, ""));
            // A null is a gap in a list: nothing was sent there.
            text::at(members.query.get(first)?, rest).filter(|value| !value.is_null()).cloned()
        }
        Place::Header => headers?.get(&parameter.name)?.to_str().ok().map(Value::from),
        Place::Body => {
            let value = unkeyed(parameter, text::at(&members.body, &parameter.name)?);
            Some(rows::renamed(parameter, &value))
        }
        Place::Listing => None,
        Place::WholeBody => Some(rows::renamed(parameter, &members.body)).filter(|body| !body.is_null()),
    }
}

fn take_file(parameter: &Parameter, members: &mut Members, bound: &mut Bound, failures: &mut Vec<Failure>) {
    let found = members.files.iter().position(|(name, _)| *name == parameter.name);
    if let Some(index) = found {
        // The upload is put in the place of this null.
        bound.variables.insert(Name::new(&parameter.variable), async_graphql::Value::Null);
        bound.files.push((parameter.variable.clone(), members.files.swap_remove(index).1));
    } else if parameter.is_required() {
        failures.push(Failure::of(MISSING, &parameter.name, "is required"));
    }
}
