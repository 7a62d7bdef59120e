//! groupgraph seed

use clap::{Args, ValueEnum};

use super::Failure;

#[derive(Debug, Args)]
pub struct Options {
    /// Whose rows: the hub's own or a subsidiary's
    #[arg(long, value_enum, default_value_t = Role::Hub)]
    pub role: Role,
    /// Start of the random numbers: the same one gives the same rows
    #[arg(long, default_value_t = 1)]
    pub start: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    Hub,
    Subsidiary,
}

pub fn run(_options: &Options) -> Result<(), Failure> {
    Err(Failure::Unfinished("groupgraph::seed::run"))
}
