//! groupgraph demo

use std::path::PathBuf;

use clap::Args;

use super::{Failure, SettingFlags};

#[derive(Debug, Args)]
pub struct Options {
    /// Write addresses, accounts and tokens as JSON into this file
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Port of the hub; the subsidiaries take the next three
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Throw the data of an earlier demo away first
    #[arg(long)]
    pub reset: bool,
}

pub fn run(_options: &Options, _settings: &SettingFlags) -> Result<(), Failure> {
    Err(Failure::Unfinished("groupgraph::demo::run"))
}
