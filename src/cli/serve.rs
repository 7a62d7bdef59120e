//! groupgraph serve

use std::{io::Write, time::Duration};

use clap::Args;
use tokio::net::TcpListener;

use super::{Failure, SettingFlags};
use crate::{
    config::{Config, LogFormat, redacted_url},
    http::{
        self,
        serve::{Bounds, Stopping, deliver, serve},
    },
    instance, seed, telemetry,
};

/// The metrics library asks for this, so that its buffers stay small when nobody reads the numbers.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub struct Options {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Address under which the server is reached from outside
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Address of the database
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Serve real users: no explorer, no introspection for anonymous callers
    #[arg(long)]
    production: bool,
}

impl Options {
    fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = [
            ("server.listen", self.listen.as_deref()),
            ("server.public_url", self.public_url.as_deref()),
            ("database.url", self.database_url.as_deref()),
            ("server.production", self.production.then_some("true")),
        ];
        given.into_iter().filter_map(|(name, text)| Some((name, text?)))
    }
}

pub async fn run(options: &Options, settings: &SettingFlags) -> Result<(), Failure> {
    let config = settings.load(options.settings())?;
    let _guard = telemetry::start(&config.telemetry)?;
    let hub = instance::open(&config).await?;
    seed::base(&hub).await?;
    hub.directory.load(&hub.database.read).await?;
    let address = &config.server.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| Failure::Listen { address: address.clone(), source })?;
    let stopping = Stopping::on_signals()?;
    let router = http::app(hub.clone(), &config, stopping.clone())?;
    let runner = tokio::spawn(deliver(hub, stopping.clone()));
    tokio::spawn(async {
        let mut ticks = tokio::time::interval(METRICS_UPKEEP);
        loop {
            ticks.tick().await;
            telemetry::metrics().run_upkeep();
        }
    });
    std::io::stdout().write_all(greeting(&config).as_bytes())?;
    let bounds = Bounds {
        connections: config.limits.connections,
        grace: Duration::from_secs(config.server.shutdown_grace_seconds),
        reader_wait: Duration::from_secs(config.server.reader_wait_seconds),
    };
    serve(listener, router, stopping, bounds).await;
    // What is being sent may arrive; the rest waits for the next start.
    let _ = runner.await;
    Ok(())
}

/// Three lines: what runs where.
fn greeting(config: &Config) -> String {
    let Config { server, database, telemetry, .. } = config;
    let explorer = if server.production { "for production: no explorer" } else { "open it in a browser" };
    let log = match telemetry.log {
        LogFormat::Json => "JSON",
        LogFormat::Text => "text",
    };
    format!(
        "groupgraph {} at {}/graphql ({explorer}), listening on {}\ndatabase {}, data in {}\n\
         log as {log} on standard error, traces {}, numbers at /metrics, health at /healthz and /readyz\n",
        env!("CARGO_PKG_VERSION"),
        config.public_url(),
        server.listen,
        redacted_url(&database.url),
        config.data_dir.display(),
        telemetry.otlp_endpoint.as_deref().map_or_else(|| "off".to_owned(), |endpoint| format!("to {endpoint}")),
    )
}
