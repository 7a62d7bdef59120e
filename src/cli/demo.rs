//! groupgraph demo

use std::path::PathBuf;

use clap::Args;

use super::{Failure, SettingFlags};
use crate::{
    config::{Config, Layers},
    demo,
    http::serve::Stopping,
    telemetry,
};

/// Where the data goes unless `--data-dir` says otherwise.
const DATA_DIR: &str = "data/demo";

#[derive(Debug, Args)]
pub struct Options {
    /// Write addresses, accounts and tokens as JSON into this file
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Port of the hub; the subsidiaries take the next three, stand-ins for outside services the fourth
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Throw the data of an earlier demo away first
    #[arg(long)]
    pub reset: bool,
    /// Do not serve this subsidiary, so that `groupgraph serve` can; may be repeated
    #[arg(long, value_name = "NAMESPACE")]
    pub without: Vec<String>,
}

/// Settings of files and of the environment are meant for one instance, so the demo leaves them alone.
pub async fn run(options: Options, settings: &SettingFlags) -> Result<(), Failure> {
    let quiet = [("telemetry.log", "text"), ("telemetry.level", "warn")].map(|(name, text)| (name.into(), text.into()));
    let given: Vec<(String, String)> = quiet.into_iter().chain(settings.others.iter().cloned()).collect();
    let flags = given.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let config = Config::from_layers(Layers::default().flags(flags))?;
    let _guard = telemetry::start(&config.telemetry)?;
    let stopping = Stopping::on_signals()?;
    let options = demo::Options {
        credentials: options.credentials,
        port: options.port,
        data_dir: settings.data_dir.as_deref().unwrap_or(DATA_DIR).into(),
        reset: options.reset,
        without: options.without,
        settings: given,
    };
    Ok(demo::run(&options, stopping).await?)
}
