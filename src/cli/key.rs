//! groupgraph key list | rotate | reseal

use std::{io::Write, path::PathBuf};

use clap::Subcommand;
use groupgraph_schema::{identity::admin, sealing::Sealing};

use super::{Failure, SettingFlags, table};
use crate::{config::secret, instance};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the keys, without their private parts
    List,
    /// Sign with a new key from now on; tokens of the old one stay valid until they expire
    Rotate,
    /// Seal all that is sealed with another secret, while no server runs; then start with that one
    Reseal {
        /// File that holds the new secret: 32 random bytes in base64
        new_secret: PathBuf,
    },
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
        Command::Reseal { new_secret } => {
            let secret = secret::read(new_secret).map_err(|error| Failure::Told(error.to_string()))?;
            let done = admin::reseal(&hub, &Sealing::new(secret.expose().as_bytes())).await?;
            let told: Vec<String> = done.into_iter().map(|(what, count)| format!("{count} {what}")).collect();
            Ok(writeln!(std::io::stdout(), "sealed anew: {}; set auth.secret to the new one", told.join(", "))?)
        }
        Command::Rotate => Ok(writeln!(std::io::stdout(), "{}", admin::rotate_keys(&hub).await?)?),
    }
}
