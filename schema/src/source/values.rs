//! The values of a source that an input may set, checked. It must not know the database.

use sea_orm::{ActiveValue, Set};

use crate::{
    error::Code,
    federation::address::AddressRules,
    members::{integer, words},
    verb::{Call, Failure, fault},
};

const LONGEST_NAME: usize = 200;
const LONGEST_CREDENTIAL: usize = 4_096;

/// A number that an input may set: its name, smallest and largest value.
struct Range(&'static str, i64, i64);

const TIMEOUT: Range = Range("timeoutMs", 1, 60_000);
const MAX_ANSWER_BYTES: Range = Range("maxAnswerBytes", 1_024, 64 * 1024 * 1024);
const MAX_CONCURRENCY: Range = Range("maxConcurrency", 1, 1_000);
const CACHE: Range = Range("cacheSeconds", 0, 86_400);

/// Limits on calls; none keeps what is.
#[derive(Debug)]
pub(super) struct Limits {
    pub timeout_ms: Option<i32>,
    pub max_answer_bytes: Option<i64>,
    pub max_concurrency: Option<i32>,
    pub cache_seconds: Option<i32>,
}

impl Limits {
    pub fn read(call: &Call<'_>) -> Result<Self, Failure> {
        let small = |range| Ok::<_, Failure>(number(call, range)?.and_then(|number| i32::try_from(number).ok()));
        Ok(Self {
            timeout_ms: small(&TIMEOUT)?,
            max_answer_bytes: number(call, &MAX_ANSWER_BYTES)?,
            max_concurrency: small(&MAX_CONCURRENCY)?,
            cache_seconds: small(&CACHE)?,
        })
    }
}

/// Sets a column if there is a value.
pub(super) fn set<T: Into<sea_orm::Value>>(column: &mut ActiveValue<T>, value: Option<T>) {
    if let Some(value) = value {
        *column = Set(value);
    }
}

/// Name of a source; none if it is not given.
pub(super) fn name(call: &Call<'_>) -> Result<Option<String>, Failure> {
    match words(call.input, "name") {
        Some(name) if name.chars().count() > LONGEST_NAME => {
            Err(fault(Code::TooLarge, "name", "A name has at most 200 characters."))
        }
        name => Ok(name.map(str::to_owned)),
    }
}

/// Address of a source; none if it is not given.
pub(super) fn endpoint(call: &Call<'_>, rules: &AddressRules) -> Result<Option<String>, Failure> {
    let Some(address) = words(call.input, "endpoint") else { return Ok(None) };
    let url = rules.check(address).map_err(|wrong| fault(Code::Invalid, "endpoint", wrong.to_string()))?;
    Ok(Some(url.into()))
}

/// Bearer token for calls to a source.
pub(super) fn credential<'a>(call: &'a Call<'a>) -> Result<&'a str, Failure> {
    let credential = words(call.input, "credential").unwrap_or_default();
    if credential.is_empty() {
        return Err(fault(Code::Required, "credential", "Give the token that the source accepts."));
    }
    if credential.len() > LONGEST_CREDENTIAL || !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "A credential has at most 4,096 letters, digits and signs, without spaces.";
        return Err(fault(Code::Invalid, "credential", message));
    }
    Ok(credential)
}

fn number(call: &Call<'_>, range: &Range) -> Result<Option<i64>, Failure> {
    let Range(name, least, most) = *range;
    match integer(call.input, name) {
        Some(number) if !(least..=most).contains(&number) => {
            Err(fault(Code::Invalid, name, format!("This lies between {least} and {most}.")))
        }
        number => Ok(number),
    }
}
