//! groupgraph migrate [up | down | status]

use std::io::Write;

use clap::{Args, Subcommand};
use groupgraph_migrations::Migrator;
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{Failure, SettingFlags};
use crate::instance;

#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply all pending migrations (the default)
    Up,
    /// Take migrations back, and their data with them
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List all migrations
    Status,
}

pub async fn run(options: &Options, settings: &SettingFlags) -> Result<(), Failure> {
    let database = instance::connect(&settings.load([])?).await?;
    match &options.command {
        None | Some(Command::Up) => Migrator::up(&database.write, None).await?,
        Some(Command::Down { steps }) => Migrator::down(&database.write, Some(*steps)).await?,
        Some(Command::Status) => {}
    }
    let mut output = std::io::stdout();
    for migration in Migrator::get_migration_with_status_read_only(&database.read).await? {
        let status = match migration.status() {
            MigrationStatus::Applied => "applied",
            MigrationStatus::Pending => "pending",
        };
        writeln!(output, "{status}  {}", migration.name())?;
    }
    Ok(())
}
