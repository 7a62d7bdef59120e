//! What an operator can set that this crate needs. It must not know where settings come from.

mod outside;

use std::{fmt, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

pub use self::outside::{Halopsa, Outside, Service, Verification};

/// Everything below, by section; the same names as in the configuration file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Address under which people and subsidiaries reach this instance, without a slash at the end: `https://hub.example`.
    pub public_url: String,
    pub auth: Auth,
    pub mail: Mail,
    pub files: Files,
    pub sources: Sources,
    pub heartbeat: Heartbeat,
    pub deliveries: Deliveries,
    pub webhooks: Webhooks,
    pub outside: Outside,
    pub verification: Verification,
    pub halopsa: Halopsa,
    pub graphql: Graphql,
}

/// Sign-in, tokens and their limits.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Life of an access token, in minutes.
    #[schemars(range(min = 1))]
    pub access_token_minutes: u32,
    /// Life of a refresh token, in days; each use makes a new one.
    #[schemars(range(min = 1))]
    pub refresh_token_days: u32,
    /// Life of a mailed code for a new password, in minutes.
    #[schemars(range(min = 1))]
    pub password_code_minutes: u32,
    /// Failed sign-ins of one account within the window before it has to wait.
    #[schemars(range(min = 1))]
    pub sign_in_attempts_per_account: u32,
    /// Failed sign-ins from one address within the window before it has to wait.
    #[schemars(range(min = 1))]
    pub sign_in_attempts_per_address: u32,
    /// Length of the window in which failed sign-ins count, in minutes.
    #[schemars(range(min = 1))]
    pub sign_in_window_minutes: u32,
    /// 32 random bytes in base64. Seals the credentials of sources and private keys, and signs links to files.
    /// Without it the program makes one in `DATA_DIR/secret`.
    pub secret: Option<Secret>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            access_token_minutes: 15,
            refresh_token_days: 30,
            password_code_minutes: 15,
            sign_in_attempts_per_account: 5,
            sign_in_attempts_per_address: 50,
            sign_in_window_minutes: 15,
            secret: None,
        }
    }
}

/// How mail leaves.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Who carries the mail.
    pub transport: MailTransport,
    /// Where mails are written with `transport = "folder"`. `DATA_DIR/mail` if not set.
    pub folder: PathBuf,
    /// Host name of the mail server.
    pub smtp_host: String,
    /// Port of the mail server; 465 speaks TLS from the start, others switch to it.
    pub smtp_port: u16,
    /// Name to sign in with at the mail server; none if empty.
    pub smtp_user: String,
    /// Password for the mail server.
    pub smtp_password: Option<Secret>,
    /// Sender of all mails: `Name <address>` or the address alone.
    pub from: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::None,
            folder: "data/mail".into(),
            smtp_host: String::new(),
            smtp_port: 587,
            smtp_user: String::new(),
            smtp_password: None,
            from: "groupgraph <no-reply@localhost>".into(),
        }
    }
}

/// Who carries the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Nobody: mails are given up, and can be sent again once there is somebody.
    #[default]
    None,
    /// Each mail becomes a file in a folder.
    Folder,
    /// A mail server.
    Smtp,
}

/// Uploaded files.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Where contents lie. `DATA_DIR/files` if not set.
    pub directory: PathBuf,
    /// Largest file accepted, in bytes.
    #[schemars(range(min = 1))]
    pub max_bytes: u64,
    /// Life of a link to a file, in minutes.
    #[schemars(range(min = 1))]
    pub link_minutes: u32,
}

impl Default for Files {
    fn default() -> Self {
        Self { directory: "data/files".into(), max_bytes: 2_097_152, link_minutes: 15 }
    }
}

/// Questions to the systems of subsidiaries.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// Host names, with port if it is not 443, that may be sources without https and at any address.
    pub allowed_hosts: Vec<String>,
    /// Whether sources may have private or local addresses, and speak plain HTTP.
    pub allow_private_addresses: bool,
    /// Time after which an answer goes out with what has arrived, in milliseconds.
    #[schemars(range(min = 1))]
    pub deadline_ms: u64,
    /// Largest answer of one source, in bytes after unpacking.
    #[schemars(range(min = 1))]
    pub max_answer_bytes: usize,
    /// How often the schema of each source is looked at again, in minutes.
    #[schemars(range(min = 1))]
    pub check_minutes: u32,
    /// Most rows that the hub reads of one source to order or filter them itself.
    #[schemars(range(min = 1))]
    pub max_rows_at_hub: usize,
    /// Questions that one source gets at the same time; further ones fail at once.
    #[schemars(range(min = 1))]
    pub max_concurrency: usize,
    /// Connections to all sources together, unused ones included; questions wait for one within their time.
    #[schemars(range(min = 1))]
    pub max_connections: usize,
    /// Whether viewers for whom a source is sent the very same at the same time share one call.
    pub share_calls: bool,
    /// Calls to a source that may be made a second time after a passing failure, in percent of all; 0 for none.
    #[schemars(range(max = 100))]
    pub retry_percent: u32,
    /// Calls to a source beside which a second one may be made because the first is slower than 95 percent of all
    /// before; in percent of all, 0 for none.
    #[schemars(range(max = 100))]
    pub hedge_percent: u32,
    /// Room for the answers of sources that have `cacheSeconds`, in bytes.
    pub cache_bytes: u64,
    /// How much longer than its `cacheSeconds` an answer may stand in for a source that fails, in seconds. The report
    /// of the source says so.
    pub stale_seconds: u64,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            allow_private_addresses: false,
            deadline_ms: 2000,
            max_answer_bytes: 5 * 1024 * 1024,
            check_minutes: 10,
            max_rows_at_hub: 1_000,
            max_concurrency: 32,
            max_connections: 512,
            share_calls: true,
            retry_percent: 10,
            hedge_percent: 5,
            cache_bytes: 64 * 1024 * 1024,
            stale_seconds: 0,
        }
    }
}

/// Signs of life to the hub whose source this instance is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Heartbeat {
    /// Address of the hub, such as `https://hub.example`; none is told if it is not set.
    pub hub: Option<String>,
    /// API key of the company at the hub, with the scope `sources.heartbeat`.
    pub token: Option<Secret>,
}

/// What leaves for other systems: pay, payslips, webhooks, mail.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deliveries {
    /// Waits before each further attempt, in seconds; after the last one a delivery is given up. Up to a fifth is
    /// added by chance, so that not all come back at once.
    pub retry_after_seconds: Vec<u32>,
    /// Longest time for one attempt, in milliseconds. A delivery whose process dies is taken up again after half as
    /// much more.
    #[schemars(range(min = 1))]
    pub attempt_timeout_ms: u64,
    /// Attempts of one process at the same time.
    #[schemars(range(min = 1))]
    pub at_a_time: usize,
    /// Attempts of one process at the same time to one receiver.
    #[schemars(range(min = 1))]
    pub at_a_time_per_receiver: usize,
    /// How often the outbox is looked at although nothing new was told, in milliseconds.
    #[schemars(range(min = 1))]
    pub interval_ms: u64,
    /// Life of the link to a payslip that a company gets, in days.
    #[schemars(range(min = 1))]
    pub payslip_link_days: u32,
    /// How long finished mails and events are kept, to be looked at and sent again, in days.
    #[schemars(range(min = 1))]
    pub keep_days: u32,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            retry_after_seconds: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 36_000],
            attempt_timeout_ms: 15_000,
            at_a_time: 32,
            at_a_time_per_receiver: 8,
            interval_ms: 1_000,
            payslip_link_days: 30,
            keep_days: 30,
        }
    }
}

/// Addresses that are told of events.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Host names, with port if it is not 443, that may be told without https and at any address.
    pub allowed_hosts: Vec<String>,
    /// Whether endpoints may have private or local addresses, and speak plain HTTP.
    pub allow_private_addresses: bool,
    /// Days of nothing but failures after which an endpoint is disabled.
    #[schemars(range(min = 1))]
    pub disable_after_days: u32,
    /// Most endpoints.
    pub max_endpoints: u64,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allowed_hosts: Vec::new(), allow_private_addresses: false, disable_after_days: 5, max_endpoints: 100 }
    }
}

/// Limits on what one operation may ask. Documents of the operator's own are free of them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Graphql {
    /// Documents that may be asked for by their SHA-256 or id: a folder of `.graphql` files, or a JSON manifest of
    /// texts by id.
    pub trusted_documents: Option<PathBuf>,
    /// Whether only trusted documents may run.
    pub only_trusted: bool,
    /// Whether anonymous callers may ask for the schema in production too.
    pub public_introspection: bool,
    /// Largest `first` or `last` of a list.
    #[schemars(range(min = 1))]
    pub max_page: usize,
    /// Largest `skip`, on the lists that have it.
    pub max_skip: usize,
    /// Longest document, in bytes.
    #[schemars(range(min = 1))]
    pub max_query_bytes: usize,
    /// Most names, values and signs of a document; space, commas and comments are free.
    #[schemars(range(min = 1))]
    pub max_tokens: usize,
    /// Deepest nesting of brackets, and of selections with their fragments written out.
    #[schemars(range(min = 1, max = 64))]
    pub max_nesting: usize,
    /// Deepest nesting of fields.
    #[schemars(range(min = 1))]
    pub max_depth: usize,
    /// Most aliases, fragments written out.
    pub max_aliases: usize,
    /// Most fields that an operation may have directly below its root, fragments written out.
    #[schemars(range(min = 1))]
    pub max_root_fields: usize,
    /// Most fields and fragments of a document, fragments written out.
    #[schemars(range(min = 1))]
    pub max_selections: usize,
    /// Most directives of a document.
    pub max_directives: usize,
    /// Most directives in one place.
    pub max_directives_per_field: usize,
    /// Most items of lists and members of objects that the variables of one operation may hold.
    pub max_variable_values: usize,
    /// Highest cost of one operation: its selected fields, with those of lists counted per row asked for, and the
    /// values within its arguments, those of a variable as often as it is used.
    #[schemars(range(min = 1))]
    pub max_cost: usize,
    /// Room for documents that are kept parsed, in bytes of their text.
    pub document_cache_bytes: u64,
}

impl Default for Graphql {
    fn default() -> Self {
        Self {
            trusted_documents: None,
            only_trusted: false,
            public_introspection: false,
            max_page: 100,
            max_skip: 10_000,
            max_query_bytes: 100_000,
            max_tokens: 2000,
            max_nesting: 64,
            max_depth: 15,
            max_aliases: 30,
            max_root_fields: 20,
            max_selections: 10_000,
            max_directives: 50,
            max_directives_per_field: 10,
            max_variable_values: 10_000,
            max_cost: 50_000,
            document_cache_bytes: 2_000_000,
        }
    }
}

/// Text that must not show up in logs or printed settings.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[redacted]")
    }
}
