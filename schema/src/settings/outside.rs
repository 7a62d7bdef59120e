//! Settings for services outside the group. It must not know how they are asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;

/// Services outside the group that the hub asks for its callers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outside {
    /// Host names, with port if it is not 443, that may be asked without https and at any address.
    pub allowed_hosts: Vec<String>,
    /// Whether services may have private or local addresses, and speak plain HTTP.
    pub allow_private_addresses: bool,
    /// Who says which person is behind an identity document.
    pub documents: Service,
    /// The registry of national identity numbers.
    pub registry: Service,
    /// Who says which name the bank account behind a phone number has.
    pub accounts: Service,
    /// The log of another system, relayed as it comes.
    pub activity_log: Service,
    /// Who reads invoices, out of the outbox: its limit of time must be below that of an attempt. Without an address
    /// jobs wait in the queue until somebody hands in what was read.
    pub recognition: Service,
    /// Who is told of new prospects, out of the outbox; nobody without an address.
    pub announcements: Service,
}

/// One service outside the group.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// Address that is asked; without it the service is not available.
    pub url: Option<String>,
    /// Key that is sent as a bearer token.
    pub key: Option<Secret>,
    /// Longest wait for an answer, in milliseconds.
    #[schemars(range(min = 1))]
    pub timeout_ms: u64,
    /// Largest answer, in bytes.
    #[schemars(range(min = 1))]
    pub max_answer_bytes: usize,
}

impl Default for Service {
    fn default() -> Self {
        Self { url: None, key: None, timeout_ms: 5_000, max_answer_bytes: 1_048_576 }
    }
}

/// Checks of persons at outside registries.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Verification {
    /// Kinds of identity documents that can be checked.
    pub document_types: Vec<String>,
    /// What one question to the registry costs, in minor units; what fails is paid back.
    pub registry_price_minor: u32,
    /// What one question for the name of an account costs, in minor units.
    pub account_price_minor: u32,
    /// Currency of prices and wallets.
    pub currency: String,
    /// How long a found record is kept, sealed, and answers further questions for nothing, in days; 0 for not at all.
    pub cache_days: u32,
    /// How long it is kept what was asked when, without the record, in days.
    #[schemars(range(min = 1))]
    pub keep_days: u32,
    /// Time that one call for many records may take, in seconds; what is left then is answered as failed.
    #[schemars(range(min = 1))]
    pub bulk_seconds: u32,
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            document_types: vec!["bvn".into()],
            registry_price_minor: 5_000,
            account_price_minor: 0,
            currency: "NGN".into(),
            cache_days: 30,
            keep_days: 400,
            bulk_seconds: 25,
        }
    }
}

/// How this hub signs in at instances of `HaloPSA`; their addresses are settings of each company.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Halopsa {
    /// Client id of this hub; nothing is pushed without one.
    pub client_id: String,
    /// Secret of the client.
    pub client_secret: Option<Secret>,
    /// Whether people and programs may call the interface for `HaloPSA` with tokens of the instance.
    pub accepts_instance_tokens: bool,
    /// Host names, with port if it is not 443, that may be instances without https and at any address.
    pub allowed_hosts: Vec<String>,
    /// Whether instances may have private or local addresses, and speak plain HTTP.
    pub allow_private_addresses: bool,
}
