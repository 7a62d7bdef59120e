//! The command line: one subcommand a file. It must not do anything itself.

mod check;
mod completions;
mod config;
mod demo;
mod doctor;
mod key;
mod migrate;
mod schema;
mod seed;
mod serve;
mod source;
mod table;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use groupgraph_schema::identity::admin::AdminError;

use crate::{
    config::{Config, ConfigError, Layers},
    http,
    instance::OpenError,
    telemetry::TelemetryError,
};

/// Read if it is there and no other file is named.
const DEFAULT_FILE: &str = "groupgraph.toml";

/// One GraphQL graph for a whole corporate group.
#[derive(Debug, Parser)]
#[command(name = "groupgraph", version, propagate_version = true)]
pub struct CommandLine {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the graph
    Serve(serve::Options),
    /// Serve a hub and three subsidiaries with believable data
    Demo(demo::Options),
    /// Bring the tables of the database up to date, or back
    Migrate(migrate::Options),
    /// Fill the database with believable data
    Seed(seed::Options),
    /// People who sign in
    #[command(subcommand)]
    User(user::Command),
    /// Personal access tokens and API keys
    #[command(subcommand)]
    Token(token::Command),
    /// Keys that sign access tokens
    #[command(subcommand)]
    Key(key::Command),
    /// Systems of subsidiaries whose rows the global fields show
    #[command(subcommand)]
    Source(source::Command),
    /// The GraphQL schema
    #[command(subcommand)]
    Schema(schema::Command),
    /// The configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Check the operation files of the REST interfaces against the schema
    Check,
    /// Check that everything is in place to serve
    Doctor,
    /// Print the completion script of a shell
    Completions(completions::Options),
}

/// Settings on the command line; they win over file and environment.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
struct SettingFlags {
    /// Configuration file; `groupgraph.toml` in this folder if it is there
    #[arg(long, global = true, value_name = "FILE", env = crate::config::FILE_VARIABLE)]
    config: Option<PathBuf>,
    /// Folder for database, files and secret
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Any setting: `--set server.listen=0.0.0.0:80`
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = pair)]
    others: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl SettingFlags {
    /// The configuration in force, with the flags that only one command has on top.
    fn load<'a>(&'a self, own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Config, ConfigError> {
        let default = PathBuf::from(DEFAULT_FILE);
        let file = self.config.as_ref().or(default.exists().then_some(&default));
        let layers = match file {
            Some(path) => Layers::default().file(path)?,
            None => Layers::default(),
        };
        let variables =
            std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
        let data_dir = self.data_dir.as_deref().map(|text| ("data_dir", text));
        let others = self.others.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Config::from_layers(layers.environment(variables).flags(data_dir.into_iter().chain(own).chain(others)))
    }
}

/// Why a command failed; the sentence goes to standard error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Documents(#[from] http::LoadError),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error("cannot use the database: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Source(#[from] groupgraph_schema::source::admin::SourceAdminError),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
    #[error(transparent)]
    Seed(#[from] crate::seed::SeedError),
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    #[error("{0}")]
    Told(String),
}

/// Runs a command. The exit code is 0, 1 after a failure, and 2 for wrong settings.
pub async fn run(line: CommandLine) -> ExitCode {
    match Box::pin(dispatch(line)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if matches!(failure, Failure::Config(_)) { 2 } else { 1 })
        }
    }
}

async fn dispatch(line: CommandLine) -> Result<(), Failure> {
    let settings = line.settings;
    match line.command {
        Command::Serve(options) => serve::run(&options, &settings).await,
        Command::Demo(options) => Box::pin(demo::run(options, &settings)).await,
        Command::Migrate(options) => migrate::run(&options, &settings).await,
        Command::Seed(options) => seed::run(&options, &settings).await,
        Command::User(command) => user::run(command, &settings).await,
        Command::Token(command) => token::run(command, &settings).await,
        Command::Key(command) => key::run(&command, &settings).await,
        Command::Source(command) => source::run(command, &settings).await,
        Command::Schema(command) => schema::run(&command),
        Command::Config(command) => config::run(&command, &settings),
        Command::Check => check::run(),
        Command::Doctor => doctor::run(&settings).await,
        Command::Completions(options) => completions::run(&options),
    }
}
