//! A whole group on one machine: a hub, its subsidiaries as real sources, and stand-ins for outside services.
//! It must not hold rules: everything goes through the same functions as in production.

mod access;
mod desk;
mod group;
mod halopsa;
pub mod outside;
mod payroll;
mod place;
mod report;

use std::{io, path::PathBuf, time::Duration};

use axum::Router;
use groupgraph_schema::{
    error::Error,
    identity::admin::AdminError,
    source::{JoinError, admin::SourceAdminError},
};
use reqwest::redirect::Policy;
use sea_orm::DbErr;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use self::place::Place;
use crate::{
    config::{Config, ConfigError},
    http::{
        self,
        serve::{Bounds, Stopping, deliver, serve},
    },
    instance::OpenError,
    seed::{Profile, SeedError},
};

/// Longest wait for an outside service.
const OUTSIDE_WAIT: Duration = Duration::from_secs(10);

/// Connections, and how long they last.
const BOUNDS: Bounds =
    Bounds { connections: 1_000, grace: Duration::from_secs(3), reader_wait: Duration::from_secs(12) };

/// What to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the credentials go besides the data folder.
    pub credentials: Option<PathBuf>,
    /// Port of the hub; the subsidiaries take the next ones, then the stand-ins for outside services.
    pub port: u16,
    pub data_dir: PathBuf,
    /// Whether to throw earlier data away.
    pub reset: bool,
    /// Subsidiaries that are not served, by namespace.
    pub without: Vec<String>,
    /// Settings of all instances, by dotted name.
    pub settings: Vec<(String, String)>,
}

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("there is no subsidiary {0}; there are: {1}")]
    UnknownSubsidiary(String, String),
    #[error("port {0} is too high: five ports in a row are needed")]
    Port(u16),
    #[error("port {port} is in use or not allowed ({source}); choose others with --port")]
    Listen { port: u16, source: io::Error },
    #[error("cannot use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}: {1}")]
    Open(String, OpenError),
    #[error(transparent)]
    Documents(#[from] http::LoadError),
    #[error("{0}: {1}")]
    Seed(String, SeedError),
    #[error("cannot use the database: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    Accounts(#[from] AdminError),
    #[error(transparent)]
    Sources(#[from] SourceAdminError),
    #[error("{0} cannot join: {1}")]
    Join(String, JoinError),
    #[error(transparent)]
    Internal(#[from] Error),
    #[error("HTTP: {0}")]
    Client(#[from] reqwest::Error),
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// Runs until a signal ends it.
///
/// # Errors
/// A port is in use, or a folder or database out of reach.
pub async fn run(options: &Options, stopping: Stopping) -> Result<(), DemoError> {
    let profiles = Profile::all();
    check(options, &profiles)?;
    // Ports first: whoever has none should not wait for data.
    let mut listeners = listen(options.port, profiles.len() + 1).await?;
    let outside = listeners.pop().expect("one listener more than profiles");
    if options.reset {
        place::reset(&options.data_dir, &profiles)?;
    }
    let mut places = Vec::new();
    for (index, (profile, listener)) in profiles.into_iter().zip(listeners).enumerate() {
        let port = options.port + u16::try_from(index).unwrap_or(0);
        places.push((place::open(options, profile, port).await?, listener));
    }
    let mut running = Running::default();
    let instance = format!("http://{}/halopsa", outside.local_addr()?);
    let services = outside::router().nest("/halopsa", halopsa::router());
    running.spawn(outside, services, stopping.clone());
    let mut ends = Vec::new();
    let mut group = Vec::new();
    for (place, listener) in places {
        ends.push(running.place(&place, listener, stopping.clone())?);
        group.push(place);
    }
    let (hub, subsidiaries) = group.split_first().expect("there are profiles");
    halopsa::introduce(hub, instance).await?;
    group::join(hub, subsidiaries).await?;
    let access = access::obtain(options, hub).await?;
    running.leave_out(options, &group, ends).await;
    // Large, and done once.
    Box::pin(payroll::push(hub, subsidiaries, &access.admin_token, &client()?)).await?;
    report::print(options, &group, &access)?;
    running.wait().await;
    Ok(())
}

fn check(options: &Options, profiles: &[Profile]) -> Result<(), DemoError> {
    let names: Vec<&str> = profiles.iter().skip(1).map(|profile| profile.namespace.as_str()).collect();
    if let Some(wrong) = options.without.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(DemoError::UnknownSubsidiary(wrong.clone(), names.join(", ")));
    }
    let last = u16::try_from(profiles.len()).unwrap_or(u16::MAX);
    options.port.checked_add(last).map(drop).ok_or(DemoError::Port(options.port))
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(OUTSIDE_WAIT).redirect(Policy::none()).build()
}

async fn listen(first: u16, count: usize) -> Result<Vec<TcpListener>, DemoError> {
    let mut listeners = Vec::new();
    for port in (first..=u16::MAX).take(count) {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        listeners.push(listener.map_err(|source| DemoError::Listen { port, source })?);
    }
    Ok(listeners)
}

/// The servers of the demo.
#[derive(Default)]
struct Running(JoinSet<()>);

/// Ends one instance: says so, and is told.
struct End(watch::Sender<bool>, JoinHandle<()>);

impl Running {
    fn spawn(&mut self, listener: TcpListener, router: Router, stopping: Stopping) {
        self.0.spawn(serve(listener, router, stopping, BOUNDS));
    }

    /// Serves an instance, which ends with all others or by itself.
    fn place(&mut self, place: &Place, listener: TcpListener, mut all: Stopping) -> Result<End, DemoError> {
        let (sender, stopping) = Stopping::channel();
        let mut router = http::app(place.hub.clone(), &place.config, stopping.clone())?;
        if !place.profile.companies.is_empty() {
            router = router.merge(desk::router(place, client()?));
        }
        let other = sender.clone();
        let runner = deliver(place.hub.clone(), stopping.clone());
        let server = tokio::spawn(async {
            tokio::join!(serve(listener, router, stopping, BOUNDS), runner);
        });
        self.0.spawn(async move {
            all.wait().await;
            other.send_replace(true);
        });
        Ok(End(sender, server))
    }

    /// Stops the instances that somebody else will serve.
    async fn leave_out(&mut self, options: &Options, group: &[Place], ends: Vec<End>) {
        for (place, End(sender, server)) in group.iter().zip(ends) {
            if options.without.contains(&place.profile.namespace) {
                sender.send_replace(true);
                // It ends within its grace time.
                let _ = server.await;
            } else {
                self.0.spawn(async move {
                    let _ = server.await;
                });
            }
        }
    }

    async fn wait(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// The settings of an instance of the demo, later ones winning.
fn configure(settings: &[(String, String)]) -> Result<Config, ConfigError> {
    let flags = settings.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Config::from_layers(crate::config::Layers::default().flags(flags))
}
