//! What a whole system has in common, from its `system.toml`. It must not know endpoints.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::failure::{Rule, Style};

/// How often something may be called by one caller, and by all at the same time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Calls of one caller in an hour; none for any number.
    pub per_hour: Option<u64>,
    /// Calls of all callers at the same time; none for any number.
    pub at_once: Option<u64>,
    /// What it is counted together with; left out: the endpoint by itself.
    pub shared: Option<String>,
}

/// The settings of one system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub title: String,
    pub description: String,
    /// Where it stands unless configured otherwise: empty, or `/api/crm`.
    pub prefix: String,
    /// How failures look.
    pub style: Style,
    /// Whether `"12"` counts as a number and 12 as a text in JSON, as in most older frameworks.
    #[serde(default)]
    pub is_lenient: bool,
    /// Whether tokens of the system of record are taken besides those of this hub.
    #[serde(default)]
    pub accepts_instance_tokens: bool,
    /// Header that may hold the token in the place of `Authorization`.
    pub key_header: Option<String>,
    /// Whether callers see the rows of their own company only, whatever else they may see.
    #[serde(default)]
    pub is_of_one_company: bool,
    /// Statuses by code, where they are not the usual ones.
    #[serde(default)]
    pub statuses: HashMap<String, u16>,
    /// Sentences by code, where they are not those of the schema.
    #[serde(default)]
    pub messages: HashMap<String, String>,
    /// The system's words for values of enums, by table; the table of an enum has its name.
    #[serde(default)]
    pub words: HashMap<String, BTreeMap<String, serde_json::Value>>,
    /// Values for words that come in, by table.
    #[serde(default)]
    pub choices: HashMap<String, BTreeMap<String, serde_json::Value>>,
    /// Members of a row with their paths in an input type, by table.
    #[serde(default)]
    pub rows: HashMap<String, Vec<(String, String)>>,
    /// How often endpoints may be called; the quota `all` is for all of them together.
    #[serde(default)]
    pub quotas: BTreeMap<String, Quota>,
    /// Failures of single endpoints.
    #[serde(default)]
    pub failures: HashMap<String, Vec<Rule>>,
}
