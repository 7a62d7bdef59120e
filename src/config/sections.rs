//! The sections that only the server needs; those of the schema crate are defined there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

/// What listens, and how it treats requests.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// Address under which people and subsidiaries reach this instance; `http://LISTEN` if not set.
    pub public_url: Option<String>,
    /// Whether this serves real users: no explorer, and no introspection for anonymous callers.
    pub production: bool,
    /// Largest body of a request without files, in bytes.
    #[schemars(range(min = 1))]
    pub max_body_bytes: usize,
    /// Largest body of a request with files, in bytes.
    #[schemars(range(min = 1))]
    pub max_upload_bytes: usize,
    /// Time after which a request is answered with 503, in seconds.
    #[schemars(range(min = 1))]
    pub request_timeout_seconds: u64,
    /// Time that sending an answer may wait for its reader, in seconds: who reads slower than 32 KiB a second for so
    /// long is cut.
    #[schemars(range(min = 1))]
    pub reader_wait_seconds: u64,
    /// Time that running requests get to finish when the server is told to stop, in seconds.
    pub shutdown_grace_seconds: u64,
    /// Origins whose web pages may call the server, such as `https://crm.example`.
    pub allowed_origins: Vec<String>,
    /// Whether the last address in `X-Forwarded-For` is the caller's: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            production: false,
            max_body_bytes: 2 * 1024 * 1024,
            max_upload_bytes: 10 * 1024 * 1024,
            request_timeout_seconds: 30,
            reader_wait_seconds: 12,
            shutdown_grace_seconds: 20,
            allowed_origins: Vec::new(),
            trust_forwarded_for: false,
        }
    }
}

/// How much callers may ask of the server.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections open at the same time; further ones are answered with 503.
    #[schemars(range(min = 1))]
    pub connections: usize,
    /// Requests answered at the same time; further ones are answered with 503. While the server cannot keep up, it
    /// answers fewer.
    #[schemars(range(min = 1))]
    pub requests_in_flight: usize,
    /// Requests of one person in a minute; 0 for any number.
    pub requests_per_minute: u32,
    /// Requests of one machine in a minute; 0 for any number. A hub asks its subsidiaries for all its viewers with one
    /// key, so it needs many.
    pub machine_requests_per_minute: u32,
    /// Requests of anonymous callers from one address in a minute; 0 for any number.
    pub anonymous_requests_per_minute: u32,
    /// Web sockets and event streams that one caller may hold.
    #[schemars(range(min = 1))]
    pub live_connections_per_caller: usize,
    /// Operations that may run at the same time on one web socket.
    #[schemars(range(min = 1))]
    pub operations_per_connection: usize,
    /// Time between two looks at the token behind a web socket or an event stream, in seconds.
    #[schemars(range(min = 1))]
    pub token_check_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            requests_in_flight: 256,
            requests_per_minute: 12_000,
            machine_requests_per_minute: 600_000,
            anonymous_requests_per_minute: 1_200,
            live_connections_per_caller: 20,
            operations_per_connection: 50,
            token_check_seconds: 30,
        }
    }
}

/// Where the rows are.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH?mode=rwc` or `postgres://USER:PASSWORD@HOST/NAME`; a `SQLite` file in `DATA_DIR` if not set.
    #[serde(serialize_with = "without_password")]
    pub url: String,
    /// Connections held at most.
    #[schemars(range(min = 1))]
    pub max_connections: u32,
    /// Whether the server brings the tables up to date before it starts. Turn off where several replicas start at
    /// once, and run `groupgraph migrate` instead.
    pub migrate_at_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite://data/groupgraph.db?mode=rwc".into(), max_connections: 10, migrate_at_start: true }
    }
}

/// The REST interfaces of older systems.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rest {
    /// Unity System, Sales Cloud, identity look-ups and call records; at the root of the server unless set otherwise.
    pub havosoft: Mount,
    /// Prospects of the CRM; at `/api/crm` unless set otherwise.
    pub crm: Mount,
    /// The middleware of `HaloPSA`; at `/api/v1` unless set otherwise.
    pub halopsa: Mount,
    /// Companies of the contact centre; at `/api/1.0` unless set otherwise.
    pub contact_centre: Mount,
    /// Field sales and the long tail of Repzo; at `/api/repzo` unless set otherwise.
    pub repzo: Mount,
}

impl Rest {
    /// The systems by name.
    #[must_use]
    pub fn systems(&self) -> [(&'static str, &Mount); 5] {
        [
            ("havosoft", &self.havosoft),
            ("crm", &self.crm),
            ("halopsa", &self.halopsa),
            ("contact-centre", &self.contact_centre),
            ("repzo", &self.repzo),
        ]
    }
}

/// Where the interface of an older system stands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mount {
    /// Whether it is served.
    pub enabled: bool,
    /// Start of its paths, such as `/api/crm`; the usual one if not set.
    pub prefix: Option<String>,
    /// Host that belongs to it alone, such as `crm.example`; any host if not set.
    pub host: Option<String>,
    /// Requests of one caller to this interface in a minute, within the limits of all; 0 for any number.
    pub requests_per_minute: u32,
    /// How many times the quotas of its documentation callers get; they are counted by all replicas together.
    #[schemars(range(min = 1))]
    pub quota_factor: u32,
}

impl Default for Mount {
    fn default() -> Self {
        Self { enabled: true, prefix: None, host: None, requests_per_minute: 0, quota_factor: 1 }
    }
}

/// What the server tells about itself.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Form of the log lines.
    pub log: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, also by module: `info,sea_orm=debug`.
    pub level: String,
    /// OTLP collector (HTTP, protobuf) that gets traces, such as `http://127.0.0.1:4318/v1/traces`.
    pub otlp_endpoint: Option<String>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: LogFormat::Json, level: "info".into(), otlp_endpoint: None }
    }
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading in a terminal.
    Text,
}

fn without_password<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&redacted_url(text))
}

/// The address with its password hidden. One that cannot be read is hidden whole.
#[must_use]
pub fn redacted_url(text: &str) -> String {
    const HIDDEN: &str = "redacted";
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else { return format!("[{HIDDEN}]") };
    if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
        return format!("[{HIDDEN}]");
    }
    if url.query_pairs().any(|(name, _)| name == "password") {
        url.set_query(None);
    }
    url.to_string()
}
