//! What a caller is told if it does not work: a code becomes a status by one table, failures become a body in the
//! style of the system. It must not know where failures come from.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::system::Settings;

/// One thing that went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Of the schema, or one of the constants here.
    pub code: String,
    pub message: String,
    /// Name of the parameter at fault.
    pub parameter: Option<String>,
}

/// A parameter is missing.
pub const MISSING: &str = "MISSING_PARAMETER";
/// A parameter has the wrong form.
pub const WRONG: &str = "WRONG_PARAMETER";
/// The body cannot be read.
pub const MALFORMED: &str = "MALFORMED_BODY";
/// What the path or a query names does not exist.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// Fault of the server.
pub const INTERNAL: &str = "INTERNAL";

/// The statuses of all codes. Of several failures the one that stands first here decides.
const STATUSES: &[(&str, u16)] = &[
    (INTERNAL, 500),
    ("OVERLOADED", 503),
    ("UNAUTHENTICATED", 401),
    ("RATE_LIMITED", 429),
    ("FORBIDDEN", 403),
    ("METHOD_NOT_ALLOWED", 405),
    (NOT_FOUND, 404),
    ("TOO_EARLY", 429),
    ("INSUFFICIENT_FUNDS", 402),
    ("UPSTREAM_FAILED", 502),
    ("SOURCE_FAILED", 502),
    ("TIMED_OUT", 503),
    ("TOO_SLOW", 408),
    (MALFORMED, 400),
    ("BAD_REQUEST", 400),
    (MISSING, 400),
    (WRONG, 400),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("TOO_LARGE", 413),
    ("DUPLICATE_NAME", 409),
    ("DUPLICATE_EMAIL", 409),
    ("DUPLICATE_PHONE", 409),
    ("WRONG_STATE", 409),
    ("CONFLICT", 409),
    ("REQUIRED", 422),
    ("INVALID", 422),
    ("OUT_OF_RANGE", 422),
    ("INVALID_DATE", 422),
    ("UNKNOWN_VALUE", 422),
    ("INCOMPLETE_GROUP", 422),
    ("CHECK_DIGIT", 422),
    ("EXPIRED", 422),
    ("BAD_USER_INPUT", 422),
];

/// What one endpoint says otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub codes: Vec<String>,
    /// Only for failures of this parameter.
    pub parameter: Option<String>,
    pub status: Option<u16>,
    pub message: Option<String>,
    pub style: Option<Style>,
    /// Word for the failure, where a system has words for them.
    pub word: Option<String>,
    /// The body as JSON, in which `"$first"`, `"$list"` and `"$fields"` stand for the first failure, all of them, and
    /// all of them by parameter.
    pub body: Option<String>,
}

/// How failures look.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// `{message, errors: {field: [sentence]}}`: Laravel.
    Laravel,
    /// `{status: false, message}`
    StatusFalse,
    /// `{status: "error", message}`
    StatusError,
    /// `{error: sentence}`
    ErrorOnly,
    /// `{statusCode, error, message}`: Boom.
    Boom,
    /// `{error: {code, message, details, timestamp, request_id}}`
    Halopsa,
    /// `{status: false, error: {message, rule}}`
    ContactCentre,
    /// `{success: false, error: sentence}`
    Repzo,
}

/// What a failure tells about its request.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    pub request_id: &'a str,
    /// RFC 3339.
    pub now: &'a str,
}

/// An answer that is JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub body: String,
}

impl Failure {
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), parameter: None }
    }

    /// Of a parameter; the message goes on after its name.
    #[must_use]
    pub fn of(code: &str, parameter: &str, says: &str) -> Self {
        let message = format!("The {parameter} field {says}.");
        Self { code: code.to_owned(), message, parameter: Some(parameter.to_owned()) }
    }
}

/// The answer for failures of an endpoint, or of none if the request did not get so far.
#[must_use]
pub fn refuse(settings: &Settings, table: Option<&str>, failures: &[Failure], around: Circumstances<'_>) -> Refusal {
    let rules = table.and_then(|table| settings.failures.get(table)).map_or(&[][..], Vec::as_slice);
    let mut failures = failures.to_vec();
    failures.sort_by_key(|failure| priority(&failure.code));
    let Some(first) = failures.first() else {
        return refuse(settings, table, &[Failure::new(INTERNAL, "Something went wrong.")], around);
    };
    let rule = rules.iter().find(|rule| rule.fits(first));
    let usual = STATUSES.get(priority(&first.code)).map_or(500, |(_, status)| *status);
    let status =
        rule.and_then(|rule| rule.status).or_else(|| settings.statuses.get(&first.code).copied()).unwrap_or(usual);
    let style = rule.and_then(|rule| rule.style).unwrap_or(settings.style);
    for failure in &mut failures {
        let own = rules.iter().find(|rule| rule.fits(failure)).and_then(|rule| rule.message.as_ref());
        if let Some(message) = own.or_else(|| settings.messages.get(&failure.code)) {
            failure.message.clone_from(message);
        }
    }
    let template = rule.and_then(|rule| rule.body.as_ref()).and_then(|text| serde_json::from_str(text).ok());
    let body = match template {
        Some(template) => {
            let told: Vec<Value> = failures
                .iter()
                .map(|failure| reason(settings, failure, rules.iter().find(|rule| rule.fits(failure))))
                .collect();
            fill(template, &failures, &told)
        }
        None if style == Style::ContactCentre => contact_centre(settings, status, failures.first()),
        None => style.body(status, &failures, around),
    };
    Refusal { status, body: body.to_string() }
}

/// Table of `words` with the system's words for codes.
const RULES: &str = "Rule";

/// A failure as message and word.
#[must_use]
pub fn reason(settings: &Settings, failure: &Failure, rule: Option<&Rule>) -> Value {
    let message = settings.messages.get(&failure.code).unwrap_or(&failure.message);
    let message = rule.and_then(|rule| rule.message.as_ref()).unwrap_or(message);
    let own = rule.and_then(|rule| rule.word.clone()).map(Value::from);
    let word = own.or_else(|| word(settings, &failure.code)).unwrap_or(Value::Null);
    json!({ "message": message, "rule": word })
}

fn word(settings: &Settings, code: &str) -> Option<Value> {
    let words = settings.words.get(RULES)?;
    words.get(code).or_else(|| words.get(crate::shape::OTHERS)).cloned()
}

/// Puts failures into the places of a body.
fn fill(template: Value, failures: &[Failure], told: &[Value]) -> Value {
    match template {
        Value::String(text) if text == "$first" => told.first().cloned().unwrap_or_default(),
        Value::String(text) if text == "$list" => told.to_vec().into(),
        Value::String(text) if text == "$fields" => {
            let mut fields = Map::new();
            for (failure, told) in failures.iter().zip(told) {
                fields.entry(failure.parameter.clone().unwrap_or_default()).or_insert_with(|| told.clone());
            }
            fields.into()
        }
        Value::Object(members) => {
            let filled = members.into_iter().map(|(name, value)| (name, fill(value, failures, told)));
            Value::Object(filled.collect())
        }
        other => other,
    }
}

/// Place in the table; unknown codes come last and are faults of the server.
fn priority(code: &str) -> usize {
    STATUSES.iter().position(|(known, _)| *known == code).unwrap_or(STATUSES.len())
}

impl Rule {
    fn fits(&self, failure: &Failure) -> bool {
        let is_same = |wanted: &String| failure.parameter.as_ref() == Some(wanted);
        self.codes.contains(&failure.code) && self.parameter.as_ref().is_none_or(is_same)
    }
}

impl Style {
    fn body(self, status: u16, failures: &[Failure], around: Circumstances<'_>) -> Value {
        let message = failures.first().map_or("", |failure| &failure.message);
        match self {
            Self::Laravel => laravel(status, message, failures),
            Self::StatusFalse => json!({ "status": false, "message": message }),
            Self::StatusError => json!({ "status": "error", "message": message }),
            Self::ErrorOnly => json!({ "error": message }),
            Self::Boom => boom(status, message),
            Self::Halopsa => halopsa(status, failures, around),
            Self::ContactCentre => json!({ "status": false, "error": { "message": message } }),
            Self::Repzo => json!({ "success": false, "error": message }),
        }
    }
}

/// Only 422 lists sentences by field.
fn laravel(status: u16, message: &str, failures: &[Failure]) -> Value {
    if status != 422 {
        return json!({ "message": message });
    }
    let mut errors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for failure in failures {
        if let Some(parameter) = &failure.parameter {
            errors.entry(parameter).or_default().push(&failure.message);
        }
    }
    json!({ "message": message, "errors": errors })
}

fn boom(status: u16, message: &str) -> Value {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    json!({ "statusCode": status, "error": reason.unwrap_or("Error"), "message": message })
}

fn halopsa(status: u16, failures: &[Failure], around: Circumstances<'_>) -> Value {
    let code = match status {
        401 => "AUTHENTICATION_ERROR",
        403 => "AUTHORIZATION_ERROR",
        404 => "RESOURCE_NOT_FOUND",
        429 => "RATE_LIMIT_EXCEEDED",
        502 | 504 => "EXTERNAL_API_ERROR",
        400..500 => "VALIDATION_ERROR",
        _ => "INTERNAL_ERROR",
    };
    let mut error = Map::new();
    let first = failures.first();
    error.insert("code".into(), code.into());
    error.insert("message".into(), first.map_or("", |failure| &failure.message).into());
    if let Some(parameter) = first.and_then(|failure| failure.parameter.as_ref()) {
        error.insert("details".into(), json!({ "field": parameter }));
    }
    error.insert("timestamp".into(), around.now.into());
    error.insert("request_id".into(), around.request_id.into());
    json!({ "error": error })
}

fn contact_centre(settings: &Settings, status: u16, failure: Option<&Failure>) -> Value {
    let message = failure.map_or("", |failure| &failure.message);
    let usual = match status {
        401 => "Token",
        403 => "Permission",
        404 => "Lookup",
        429 => "Limit",
        500.. => "Server",
        _ => "Format",
    };
    let own = failure.and_then(|failure| settings.words.get(RULES)?.get(&failure.code)).cloned();
    json!({ "status": false, "error": { "message": message, "rule": own.unwrap_or_else(|| usual.into()) } })
}

/// The statuses that an endpoint may answer failures with, for the documentation.
#[must_use]
pub fn statuses(settings: &Settings, table: Option<&str>, codes: &[&str]) -> BTreeMap<u16, Style> {
    let rules = table.and_then(|table| settings.failures.get(table)).map_or(&[][..], Vec::as_slice);
    let usual: HashMap<&str, u16> = STATUSES.iter().copied().collect();
    let of = |code: &str| {
        let rule = rules.iter().find(|rule| rule.codes.iter().any(|known| known == code));
        let own = rule.and_then(|rule| rule.status).or_else(|| settings.statuses.get(code).copied());
        let status = own.or_else(|| usual.get(code).copied()).unwrap_or(500);
        (status, rule.and_then(|rule| rule.style).unwrap_or(settings.style))
    };
    let of_rules = rules.iter().flat_map(|rule| rule.codes.iter().map(String::as_str));
    codes.iter().copied().chain(of_rules).map(of).collect()
}
