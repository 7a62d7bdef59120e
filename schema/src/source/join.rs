//! What a subsidiary does to become a source: it calls registerSource at the hub. It must not know the hub's database.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Permission words that the hub's key at a subsidiary needs to read everything and to hand in pay.
pub const PERMISSIONS: &[&str] = &[
    "activity.read",
    "clients.read",
    "crm.all_prospects",
    "crm.prospects",
    "deals.read",
    "invoices.read",
    "leads.all",
    "leads.read",
    "payroll.receive",
    "tasks.read",
    "tenants.all",
    "tickets.read",
];
/// The hub reads our schema and a row of everything meanwhile.
const TIMEOUT: Duration = Duration::from_mins(1);
const LARGEST_ANSWER: usize = 1024 * 1024;
const REGISTER: &str = "mutation($input:RegisterSourceInput!){registerSource(input:$input){source{name state}\
    check{collections{collection isOffered missingFields message}}errors{message}}}";

/// What a subsidiary says of itself.
#[derive(Clone, Debug)]
pub struct Subsidiary {
    /// Address of its GraphQL, as the hub reaches it.
    pub endpoint: String,
    /// Bearer token that it accepts from the hub.
    pub credential: String,
    /// UUID in its global ids; none for a server with a schema of its own.
    pub instance: Option<uuid::Uuid>,
    /// Values of `SourceMappingInput`, for a server with a schema of its own.
    pub mappings: Option<Value>,
}

/// Why it did not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("the hub cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("the hub does not answer as a hub would")]
    NoHub,
    #[error("the hub refuses: {0}")]
    Refused(String),
}

/// The hub's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Name of the source at the hub.
    pub name: String,
    pub collections: Vec<JoinedCollection>,
}

/// What the hub asks of one collection from now on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinedCollection {
    /// Word of `SourceCollection`.
    pub collection: String,
    pub is_offered: bool,
    /// Fields that stay null.
    pub missing_fields: Vec<String>,
    /// Why it is not offered.
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct Answer<Data> {
    data: Option<Data>,
    #[serde(default = "Vec::new")]
    errors: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    register_source: Registered,
}

#[derive(Deserialize)]
struct Registered {
    source: Option<Named>,
    check: Option<Checked>,
    errors: Vec<Message>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Checked {
    collections: Vec<JoinedCollection>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    message: String,
}

/// Registers a subsidiary at a hub with a one-time token.
///
/// # Errors
/// The hub is out of reach, is no hub, or refuses.
pub async fn join(hub: &str, token: &str, subsidiary: &Subsidiary) -> Result<Joined, JoinError> {
    let input = json!({
        "token": token,
        "endpoint": subsidiary.endpoint,
        "credential": subsidiary.credential,
        "instance": subsidiary.instance,
        "mappings": subsidiary.mappings,
    });
    let registered = ask::<Data>(hub, None, REGISTER, &input).await?.register_source;
    refusal(&registered.errors)?;
    let source = registered.source.ok_or(JoinError::NoHub)?;
    Ok(Joined { name: source.name, collections: registered.check.map_or_else(Vec::new, |check| check.collections) })
}

/// Runs a mutation at a hub.
///
/// # Errors
/// The hub is out of reach, is no hub, or refuses.
pub(super) async fn ask<Data: DeserializeOwned>(
    hub: &str,
    token: Option<&str>,
    mutation: &str,
    input: &Value,
) -> Result<Data, JoinError> {
    let client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()?;
    let request = client.post(address(hub)).json(&json!({ "query": mutation, "variables": { "input": input } }));
    let mut response = token.into_iter().fold(request, RequestBuilder::bearer_auth).send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            return Err(JoinError::NoHub);
        }
    }
    let answer: Answer<Data> = serde_json::from_slice(&body).map_err(|_| JoinError::NoHub)?;
    refusal(&answer.errors)?;
    answer.data.ok_or(JoinError::NoHub)
}

/// The first of the messages, if there is one.
pub(super) fn refusal(errors: &[Message]) -> Result<(), JoinError> {
    errors.first().map_or(Ok(()), |error| Err(JoinError::Refused(error.message.clone())))
}

/// The GraphQL of a hub that may be named by its bare address.
fn address(hub: &str) -> String {
    let hub = hub.trim_end_matches('/');
    if hub.ends_with("/graphql") { hub.to_owned() } else { format!("{hub}/graphql") }
}
