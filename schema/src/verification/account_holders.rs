//! The query accountHolders.

use std::time::Duration;

use async_graphql::Value;
use serde_json::json;

use super::{
    kind::Kind,
    question::{self, Asking, Outcome},
};
use crate::{
    engine::{collect::Selected, mutate::value, request::Request},
    error::{Code, Error},
};

/// Phones of one call.
const MOST: usize = 50;

/// The names as JSON, in the order of the phones.
///
/// # Errors
/// No phones, too many, or none that are phones; `INSUFFICIENT_FUNDS`; `UPSTREAM_FAILED` if one could not be asked for.
pub async fn account_holders(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let phones: Vec<&str> = match selected.arguments.get("phones") {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| if let Value::String(text) = item { Some(text.as_str()) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    if !(1..=MOST).contains(&phones.len()) {
        return Err(Error::bad_input(format!("phones takes 1 to {MOST} numbers.")));
    }
    for (index, phone) in phones.iter().enumerate() {
        if Kind::check(phone, "phones").is_err() {
            return Err(Error::bad_input(format!("phones.{index} must be 11 digits.")));
        }
    }
    let purpose = match selected.arguments.get("purpose") {
        Some(Value::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let asking = Asking { hub: request.hub, viewer: request.viewer, kind: Kind::Account, purpose };
    let outcomes =
        question::look_up(asking, &phones, Duration::ZERO).await.map_err(crate::verb::Failure::into_error)?;
    let mut shown = Vec::with_capacity(phones.len());
    for (phone, outcome) in phones.iter().zip(outcomes) {
        shown.push(json!({ "phone": phone, "holder": holder(outcome)? }));
    }
    value(request, selected, &shown.into()).await
}

/// That there is none is an answer; that nobody answered is not.
fn holder(outcome: Outcome) -> Result<serde_json::Value, Error> {
    match outcome.result {
        Ok(holder) => Ok(holder),
        Err(error) if error.code == Code::NotFound => Ok(json!({ "accountName": null, "isFound": false })),
        Err(error) => Err(crate::verb::Failure::from(error).into_error()),
    }
}
