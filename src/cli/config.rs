//! groupgraph config print | check | schema

use std::io::Write;

use clap::Subcommand;

use super::{Failure, SettingFlags};
use crate::config;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the settings in force as TOML, secrets hidden
    Print,
    /// Say whether the settings are right; the exit code is 2 if not
    Check,
    /// Print the JSON schema of the configuration file
    Schema,
}

pub fn run(command: &Command, settings: &SettingFlags) -> Result<(), Failure> {
    let mut output = std::io::stdout();
    match command {
        Command::Print => write!(output, "{}", settings.load([])?.to_redacted_toml())?,
        Command::Check => {
            settings.load([])?;
            writeln!(output, "The configuration is right.")?;
        }
        Command::Schema => writeln!(output, "{:#}", config::json_schema())?,
    }
    Ok(())
}
