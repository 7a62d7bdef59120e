//! groupgraph key list | rotate

use clap::Subcommand;

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the keys, without their private parts
    List,
    /// Sign with a new key from now on; tokens of the old one stay valid until they expire
    Rotate,
}

pub fn run(command: &Command) -> Result<(), Failure> {
    Err(Failure::Unfinished(match command {
        Command::List => "groupgraph_schema::identity::signing_keys",
        Command::Rotate => "groupgraph_schema::identity::rotate_signing_key",
    }))
}
