//! groupgraph source list | invite | join | own | remove | check

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use groupgraph_schema::{
    federation::handshake::Check,
    hub::Hub,
    identity::admin::{self as accounts, NewToken, Owner},
    source::{self, JoinError, Joined, Subsidiary, admin},
};
use serde_json::{Map, Value};

use super::{Failure, SettingFlags, table};
use crate::{config::Config, instance};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the sources and their state
    List,
    /// On the hub: print a one-time token with which a subsidiary joins
    Invite {
        /// Company that joins, by namespace
        #[arg(value_name = "NAMESPACE")]
        tenant: String,
        /// Hours until the token expires
        #[arg(long, default_value_t = 24)]
        hours: u32,
    },
    /// On a subsidiary: become a source of a hub
    Join(Join),
    /// On the hub: show the rows of a company in this very database in the global fields too
    Own {
        /// The company, by namespace
        #[arg(value_name = "NAMESPACE")]
        tenant: String,
    },
    /// On the hub: remove a source
    Remove {
        /// Number in the list
        number: i64,
    },
    /// On the hub: ask a source for its schema and one row of everything, and report
    Check {
        /// Number in the list; all of them if not given
        number: Option<i64>,
    },
}

#[derive(Debug, Args)]
pub struct Join {
    /// Address of the hub, such as `https://hub.example`
    pub hub: String,
    /// The one-time token
    pub token: String,
    /// Of a server that is not groupgraph: the address of its GraphQL, as the hub reaches it
    #[arg(long, requires = "mappings")]
    pub endpoint: Option<String>,
    /// Of a server that is not groupgraph: file with the bearer token that it accepts
    #[arg(long, requires = "endpoint", value_name = "FILE")]
    pub credential: Option<PathBuf>,
    /// Of a server that is not groupgraph: file with a JSON list of mappings; `documentFile` names one beside it
    #[arg(long, requires = "credential", value_name = "FILE")]
    pub mappings: Option<PathBuf>,
}

pub async fn run(command: Command, settings: &SettingFlags) -> Result<(), Failure> {
    if let Command::Join(Join {
        hub,
        token,
        endpoint: Some(endpoint),
        credential: Some(file),
        mappings: Some(mappings),
    }) = &command
    {
        // Nothing of this instance is needed for another server.
        let credential = read(file)?.trim().to_owned();
        let mappings = Some(self::mappings(mappings)?);
        let foreign = Subsidiary { endpoint: endpoint.clone(), credential, instance: None, mappings };
        return told(source::join(hub, token, &foreign).await);
    }
    let config = settings.load([])?;
    let hub = instance::open(&config).await?;
    match command {
        Command::List => list(&hub).await,
        Command::Invite { tenant, hours } => {
            let token = admin::invite(&hub, &tenant, hours).await?;
            Ok(writeln!(std::io::stdout(), "{token}")?)
        }
        Command::Join(options) => join(&hub, &config, &options).await,
        Command::Own { tenant } => Ok(admin::own(&hub, &tenant).await.map(drop)?),
        Command::Remove { number } => Ok(admin::remove(&hub, number).await?),
        Command::Check { number } => check(&hub, number).await,
    }
}

async fn list(hub: &Hub) -> Result<(), Failure> {
    let lines = admin::list(hub).await?.into_iter().map(|source| {
        [
            source.number.to_string(),
            source.tenant,
            table::or_dash(source.endpoint),
            source.mode,
            source.state,
            source.collections.join(","),
            table::minute(source.checked_at),
            table::or_dash(source.last_error),
        ]
    });
    table::print(["NUMBER", "COMPANY", "ENDPOINT", "MODE", "STATE", "COLLECTIONS", "CHECKED", "LAST ERROR"], lines)
}

/// Makes a key for the hub that may read and hand in pay, and hands it over with the one-time token.
async fn join(hub: &Hub, config: &Config, options: &Join) -> Result<(), Failure> {
    let key = NewToken {
        owner: Owner::Machine(None),
        name: format!("hub {}", options.hub),
        permissions: Some(source::PERMISSIONS.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>()),
        expires_at: None,
    };
    let (number, credential) = accounts::create_token(hub, key).await?;
    let endpoint = format!("{}/graphql", config.public_url());
    let subsidiary = Subsidiary { endpoint, credential, instance: Some(hub.instance), mappings: None };
    let joined = source::join(&options.hub, &options.token, &subsidiary).await;
    if joined.is_err() {
        // Nobody got the key: it must not stay behind.
        accounts::revoke_token(hub, number).await?;
    }
    told(joined)
}

fn told(joined: Result<Joined, JoinError>) -> Result<(), Failure> {
    let joined = joined.map_err(|error| Failure::Told(error.to_string()))?;
    let mut out = std::io::stdout();
    writeln!(out, "joined as {}", joined.name)?;
    for found in &joined.collections {
        line(&mut out, &found.collection, found.is_offered, found.message.as_deref(), &found.missing_fields)?;
    }
    Ok(())
}

/// The mappings of a file, with the documents that it names.
fn mappings(path: &Path) -> Result<Value, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Told(format!("{}: {error}", path.display()));
    let mut mappings: Vec<Map<String, Value>> = serde_json::from_str(&read(path)?).map_err(|error| wrong(&error))?;
    for mapping in &mut mappings {
        if let Some(file) = mapping.remove("documentFile") {
            let name = file.as_str().ok_or_else(|| wrong(&"documentFile is no text"))?;
            let document = read(&path.parent().unwrap_or(Path::new("")).join(name))?;
            mapping.insert("document".into(), document.into());
        }
    }
    Ok(mappings.into_iter().map(Value::Object).collect())
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::Told(format!("{}: {error}", path.display())))
}

async fn check(hub: &Hub, number: Option<i64>) -> Result<(), Failure> {
    let numbers = match number {
        Some(number) => vec![number],
        None => admin::list(hub).await?.into_iter().map(|source| source.number).collect(),
    };
    for number in numbers {
        report(number, &admin::check(hub, number).await?)?;
    }
    Ok(())
}

fn report(number: i64, found: &Check) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    writeln!(out, "source {number}: {}", if found.is_accepted { "accepted" } else { "not accepted" })?;
    for message in &found.messages {
        writeln!(out, "  {message}")?;
    }
    for collection in &found.collections {
        line(
            &mut out,
            collection.collection.word(),
            collection.is_offered,
            collection.message.as_deref(),
            &collection.missing_fields,
        )?;
    }
    Ok(())
}

fn line(
    out: &mut impl Write,
    collection: &str,
    is_offered: bool,
    message: Option<&str>,
    missing: &[String],
) -> std::io::Result<()> {
    let state = match (is_offered, missing) {
        (false, _) => "not offered".to_owned(),
        (true, []) => "complete".to_owned(),
        (true, missing) => format!("without {}", missing.join(", ")),
    };
    let message = message.map(|message| format!(". {message}")).unwrap_or_default();
    writeln!(out, "  {collection:<13}  {state}{message}")
}
