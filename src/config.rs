//! What an operator can set, and where it comes from: defaults, then a file, then the environment, then flags.
//! It must not know what the settings are used for.

mod describe;
mod layers;
mod names;
pub mod secret;
mod sections;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use groupgraph_schema::settings::{
    Auth, Deliveries, Files, Graphql, Halopsa, Heartbeat, Mail, Outside, Settings, Sources, Verification, Webhooks,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    describe::json_schema,
    layers::{FILE_VARIABLE, Layers},
    sections::{Database, Limits, LogFormat, Mount, Rest, Server, Telemetry, redacted_url},
};

/// All settings of one process.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder for everything that the program keeps: the database if it is `SQLite`, files, the secret.
    pub data_dir: PathBuf,
    pub server: Server,
    pub limits: Limits,
    pub database: Database,
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
    pub rest: Rest,
    pub telemetry: Telemetry,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            server: Server::default(),
            limits: Limits::default(),
            database: Database::default(),
            auth: Auth::default(),
            mail: Mail::default(),
            files: Files::default(),
            sources: Sources::default(),
            heartbeat: Heartbeat::default(),
            deliveries: Deliveries::default(),
            webhooks: Webhooks::default(),
            outside: Outside::default(),
            verification: Verification::default(),
            halopsa: Halopsa::default(),
            graphql: Graphql::default(),
            rest: Rest::default(),
            telemetry: Telemetry::default(),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The file is not TOML.
    #[error("the configuration file {} is not TOML: {source}", path.display())]
    Syntax { path: PathBuf, source: Box<toml::de::Error> },
    /// Unknown names or values out of range, all of them.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
    /// A value of the wrong type.
    #[error("wrong value in the configuration: {0}")]
    Type(Box<toml::de::Error>),
}

impl Config {
    /// Puts the layers together and checks them.
    ///
    /// # Errors
    /// A name is unknown, or a value is of the wrong type or out of range.
    pub fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let mut table = layers.into_table()?;
        let data_dir = table.get("data_dir").and_then(toml::Value::as_str).unwrap_or("data").to_owned();
        let under = |name: &str| Path::new(&data_dir).join(name).to_string_lossy().into_owned();
        layers::fill(&mut table, "database.url", format!("sqlite://{}?mode=rwc", under("groupgraph.db")));
        layers::fill(&mut table, "files.directory", under("files"));
        layers::fill(&mut table, "mail.folder", under("mail"));
        table.try_into().map_err(|error| ConfigError::Type(Box::new(error)))
    }

    /// The part that the schema crate needs.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            public_url: self.public_url(),
            auth: self.auth.clone(),
            mail: self.mail.clone(),
            files: self.files.clone(),
            sources: self.sources.clone(),
            heartbeat: self.heartbeat.clone(),
            deliveries: self.deliveries.clone(),
            webhooks: self.webhooks.clone(),
            outside: self.outside.clone(),
            verification: self.verification.clone(),
            halopsa: self.halopsa.clone(),
            graphql: self.graphql.clone(),
        }
    }

    /// Address under which the server is reached, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.server.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.server.listen),
        }
    }

    /// The settings in force as TOML, without secrets.
    ///
    /// # Panics
    /// Never: all sections are plain data.
    #[must_use]
    pub fn to_redacted_toml(&self) -> String {
        toml::to_string_pretty(self).expect("settings are plain data")
    }
}
