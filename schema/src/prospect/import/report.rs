//! Rows of an import as answers: `ProspectImportRow`, as sent, with the outcome.

use async_graphql::Value;
use serde_json::{Map, Value as Json, json};

use crate::{engine::mutate::plain, error::UserError, members};

/// Members that go back as they were sent.
const SENT: [&str; 9] = [
    "contactName",
    "companyName",
    "email",
    "phoneCountryCode",
    "phoneNumber",
    "locale",
    "kind",
    "monthlyShipments",
    "followUpCategory",
];

/// What is said of a row beside what was sent.
#[derive(Clone, Copy, Debug)]
pub enum Reported<'a> {
    Nothing,
    /// The created or matching prospect.
    Prospect(i64),
    Refusal(&'a UserError),
}

/// The answer for a row.
#[must_use]
pub fn row(index: usize, input: &Value, reported: Reported<'_>) -> Json {
    let mut members: Map<String, Json> =
        SENT.into_iter().map(|name| (name.to_owned(), members::json(input, name).unwrap_or_default())).collect();
    members.insert("index".to_owned(), index.into());
    let (prospect, error) = match reported {
        Reported::Nothing => (Json::Null, Json::Null),
        Reported::Prospect(number) => (json!({ "__row": number }), Json::Null),
        Reported::Refusal(error) => (Json::Null, plain(error)),
    };
    members.insert("prospect".to_owned(), prospect);
    members.insert("error".to_owned(), error);
    Json::Object(members)
}
