//! groupgraph source list | invite | join | remove | check

use clap::{Args, Subcommand};

use super::Failure;

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
}

pub fn run(command: &Command) -> Result<(), Failure> {
    Err(Failure::Unfinished(match command {
        Command::List => "groupgraph_schema::federation::sources",
        Command::Invite { .. } => "groupgraph_schema::federation::invite",
        Command::Join(_) => "groupgraph_schema::federation::join",
        Command::Remove { .. } => "groupgraph_schema::federation::remove",
        Command::Check { .. } => "groupgraph_schema::federation::check",
    }))
}
