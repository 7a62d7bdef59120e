//! groupgraph token create | list | revoke

use std::{collections::BTreeSet, io::Write};

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use groupgraph_schema::{
    hub::Hub,
    identity::admin::{self, NewToken, Owner},
};

use super::{Failure, SettingFlags, table};
use crate::instance;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a personal access token, or an API key for a machine; it is shown this once
    Create(Create),
    /// List tokens and keys, without their secrets
    List,
    /// Revoke a token or key, by its number in the list
    Revoke { number: i64 },
}

#[derive(Debug, Args)]
pub struct Create {
    /// What it is for
    name: String,
    /// The person it acts for, by e-mail address; without it this is an API key of a machine
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// The one company that an API key reaches, by name or namespace; all of them if not given
    #[arg(long, conflicts_with = "user")]
    tenant: Option<String>,
    /// A permission word it carries; may be repeated. A personal token without any may do what its person may
    #[arg(long = "permission", value_name = "WORD")]
    permissions: Vec<String>,
    /// Days until it expires; never if not given
    #[arg(long)]
    days: Option<u32>,
}

pub async fn run(command: Command, settings: &SettingFlags) -> Result<(), Failure> {
    let hub = instance::open(&settings.load([])?).await?;
    match command {
        Command::Create(options) => create(&hub, options).await,
        Command::List => list(&hub).await,
        Command::Revoke { number } => Ok(admin::revoke_token(&hub, number).await?),
    }
}

async fn create(hub: &Hub, options: Create) -> Result<(), Failure> {
    let permissions: BTreeSet<String> = options.permissions.into_iter().collect();
    let token = NewToken {
        owner: options.user.map_or(Owner::Machine(options.tenant), Owner::Person),
        name: options.name,
        permissions: Some(permissions).filter(|words| !words.is_empty()),
        expires_at: options.days.map(|days| hub.clock.now() + TimeDelta::days(days.into())),
    };
    let (number, secret) = admin::create_token(hub, token).await?;
    Ok(writeln!(std::io::stdout(), "number  {number}\ntoken   {secret}")?)
}

async fn list(hub: &Hub) -> Result<(), Failure> {
    let lines = admin::list_tokens(hub).await?.into_iter().map(|token| {
        let words = token.permissions.map(|words| words.into_iter().collect::<Vec<_>>().join(","));
        [
            token.number.to_string(),
            token.kind,
            token.name,
            table::or_dash(token.owner),
            table::or_dash(words),
            table::minute(token.last_used_at),
            table::minute(token.expires_at),
            table::minute(token.revoked_at),
        ]
    });
    table::print(["NUMBER", "KIND", "NAME", "PERSON", "PERMISSIONS", "USED", "EXPIRES", "REVOKED"], lines)
}
