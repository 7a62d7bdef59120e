//! groupgraph token create | list | revoke

use clap::{Args, Subcommand};

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a personal access token, or an API key for a machine; it is shown once
    Create(Create),
    /// List tokens and keys, without their secrets
    List {
        /// Only those of one person, by e-mail address
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
    /// Revoke a token or key, by its number in the list
    Revoke { number: i64 },
}

#[derive(Debug, Args)]
pub struct Create {
    /// What it is for
    pub name: String,
    /// The person it acts for, by e-mail address; an API key of a company without it
    #[arg(long, value_name = "EMAIL")]
    pub user: Option<String>,
    /// Company of an API key, by namespace; the head office if not given
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "user")]
    pub tenant: Option<String>,
    /// A permission word it carries; may be repeated
    #[arg(long = "permission", value_name = "WORD")]
    pub permissions: Vec<String>,
    /// Days until it expires; never if not given
    #[arg(long, value_name = "DAYS")]
    pub days: Option<u32>,
}

pub fn run(command: &Command) -> Result<(), Failure> {
    Err(Failure::Unfinished(match command {
        Command::Create(_) => "groupgraph_schema::identity::create_token",
        Command::List { .. } => "groupgraph_schema::identity::tokens",
        Command::Revoke { .. } => "groupgraph_schema::identity::revoke_token",
    }))
}
