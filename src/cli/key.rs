//! groupgraph key list | rotate

use std::io::Write;

use clap::Subcommand;
use groupgraph_schema::identity::admin;

use super::{Failure, SettingFlags, table};
use crate::instance;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the keys, without their private parts
    List,
    /// Sign with a new key from now on; tokens of the old one stay valid until they expire
    Rotate,
}

pub async fn run(command: &Command, settings: &SettingFlags) -> Result<(), Failure> {
    let hub = instance::open(&settings.load([])?).await?;
    match command {
        Command::List => {
            let lines = admin::list_keys(&hub).await?.into_iter().map(|key| {
                let state = if key.retired_at.is_none() { "signs" } else { "verifies" };
                [key.kid, state.to_owned(), table::minute(Some(key.created_at)), table::minute(key.retired_at)]
            });
            table::print(["KEY", "STATE", "CREATED", "UNTIL"], lines)
        }
        Command::Rotate => Ok(writeln!(std::io::stdout(), "{}", admin::rotate_keys(&hub).await?)?),
    }
}
