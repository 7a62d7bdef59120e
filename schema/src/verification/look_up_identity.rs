//! The mutations lookUpIdentity and lookUpIdentities.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    kind::Kind,
    question::{self, Asking, Outcome},
};
use crate::{
    engine::mutate::plain,
    error::Code,
    members,
    verb::{self, Call, Failure, Payload, fault},
};

/// Keys of one call.
const MOST: usize = 100;
/// Longest pause between two live questions, in milliseconds.
const LONGEST_PAUSE: i64 = 10_000;

/// One person by one key.
pub(super) fn look_up_identity<'a>(call: &'a Call<'a>) -> BoxFuture<'a, verb::Outcome> {
    Box::pin(async move {
        let phone = call.text("phone").map(|key| (Kind::Phone, "phone", key));
        let number = call.text("nationalIdentityNumber").map(|key| (Kind::Number, "nationalIdentityNumber", key));
        let ((Some((kind, field, key)), None) | (None, Some((kind, field, key)))) = (phone, number) else {
            return Err(fault(Code::Required, "", "Give a phone or a national identity number, not both."));
        };
        Kind::check(key, field)?;
        let outcomes = question::look_up(asking(call, kind), &[key], Duration::ZERO).await?;
        match outcomes.into_iter().next() {
            Some(Outcome { result: Err(error), .. }) => Err(error.into()),
            Some(outcome) => Ok(Payload::new().plain("lookup", shown(key, &outcome))),
            None => Err(fault(Code::NotFound, "", "No record found.")),
        }
    })
}

/// Many persons, one outcome each.
pub(super) fn look_up_identities<'a>(call: &'a Call<'a>) -> BoxFuture<'a, verb::Outcome> {
    Box::pin(async move {
        let phones = members::list(call.input, "phones").map(|keys| (Kind::Phone, "phones", keys));
        let numbers = members::list(call.input, "nationalIdentityNumbers");
        let numbers = numbers.map(|keys| (Kind::Number, "nationalIdentityNumbers", keys));
        let ((Some((kind, field, keys)), None) | (None, Some((kind, field, keys)))) = (phones, numbers) else {
            return Err(fault(Code::Required, "", "Give phones or national identity numbers, not both."));
        };
        let keys = checked(field, keys)?;
        let outcomes = question::look_up(asking(call, kind), &keys, pause(call)?).await?;
        let shown: Vec<Value> = keys.iter().zip(&outcomes).map(|(key, outcome)| shown(key, outcome)).collect();
        Ok(Payload::new().plain("lookups", shown))
    })
}

fn asking<'a>(call: &'a Call<'a>, kind: Kind) -> Asking<'a> {
    Asking { hub: call.hub, viewer: call.viewer, kind, purpose: call.text("purpose") }
}

fn checked<'a>(field: &str, keys: &'a [async_graphql::Value]) -> Result<Vec<&'a str>, Failure> {
    if keys.is_empty() {
        return Err(fault(Code::Required, field, "Give at least one."));
    }
    if keys.len() > MOST {
        return Err(fault(Code::TooLarge, field, format!("Give at most {MOST}.")));
    }
    let text = |key: &'a async_graphql::Value| match key {
        async_graphql::Value::String(text) => text.as_str(),
        _ => "",
    };
    let keys: Vec<&str> = keys.iter().map(text).collect();
    for (index, key) in keys.iter().enumerate() {
        Kind::check(key, &format!("{field}.{index}"))?;
    }
    Ok(keys)
}

fn pause(call: &Call<'_>) -> Result<Duration, Failure> {
    let milliseconds = members::integer(call.input, "pauseMs").unwrap_or(0);
    let is_fine = (0..=LONGEST_PAUSE).contains(&milliseconds);
    let message = format!("A pause has 0 to {LONGEST_PAUSE} milliseconds.");
    let checked = u64::try_from(milliseconds).ok().filter(|_| is_fine);
    checked.map(Duration::from_millis).ok_or_else(|| fault(Code::Invalid, "pauseMs", message))
}

/// An outcome in the form of `IdentityLookup`.
fn shown(key: &str, outcome: &Outcome) -> Value {
    let record = outcome.result.as_ref();
    json!({
        "key": key,
        "status": if record.is_ok() { "FOUND" } else { "FAILED" },
        "origin": outcome.is_cached.map(|is_cached| if is_cached { "CACHE" } else { "LIVE" }),
        "record": record.ok(),
        "error": record.err().map(plain),
    })
}
