//! One instance per test: a database of its own, a clock that the test moves, the router that the server has.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph::{
    config::{Config, Layers},
    http::{
        self,
        serve::{Bounds, Stopping, serve},
    },
    instance,
};
use groupgraph_schema::{
    delivery::Runner,
    hub::{Clock, Hub},
};
use tokio::{net::TcpListener, sync::watch};

use super::{actor::Actor, database::TestDatabase};

/// The company of the hub itself: euro, Lagos.
pub const HEAD_OFFICE: i64 = 1;
/// Another company of the group: dollar, Berlin.
pub const DAUGHTER: i64 = 2;
/// What the clock shows at the start of each test: a Tuesday at noon.
pub const NOW: &str = "2026-05-19T12:00:00Z";

/// A running instance.
pub struct TestApp {
    pub hub: Hub,
    pub router: Router,
    now: Arc<Mutex<DateTime<Utc>>>,
    statements: Arc<Mutex<Vec<String>>>,
    stop: watch::Sender<bool>,
    stopping: Stopping,
    _folder: Arc<Folder>,
    database: Arc<TestDatabase>,
}

/// What a test wants otherwise than usual.
#[derive(Default)]
pub struct Builder {
    flags: Vec<(String, String)>,
    shares: Option<Arc<TestDatabase>>,
}

impl Builder {
    /// A setting by its name in the configuration.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.flags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A second replica on the same database.
    pub fn beside(mut self, other: &TestApp) -> Self {
        self.shares = Some(other.database.clone());
        self
    }

    pub async fn start(self) -> TestApp {
        let folder = Arc::new(Folder::new());
        let database = match self.shares {
            Some(shared) => shared,
            None => Arc::new(TestDatabase::create(&folder.0).await),
        };
        let data = folder.0.to_string_lossy().into_owned();
        let mut flags = vec![
            ("data_dir", data.as_str()),
            ("database.url", database.url.as_str()),
            ("database.max_connections", "4"),
            ("auth.secret", "dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMsIDMyIGJ5dGU="),
            ("mail.transport", "folder"),
            ("sources.allow_private_addresses", "true"),
        ];
        flags.extend(self.flags.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let config = Config::from_layers(Layers::default().flags(flags)).expect("the settings are good");
        start(&config, folder, database).await
    }
}

async fn start(config: &Config, folder: Arc<Folder>, database: Arc<TestDatabase>) -> TestApp {
    let now = Arc::new(Mutex::new(NOW.parse().expect("an instant")));
    let statements = Arc::new(Mutex::new(Vec::new()));
    let mut connections = instance::connect(config).await.expect("the database answers");
    let noted = statements.clone();
    connections.read.set_metric_callback(move |info| {
        noted.lock().expect("no panic while noting").push(info.statement.sql.clone());
    });
    let shown = now.clone();
    let clock = Clock::from_fn(move || *shown.lock().expect("no panic while telling the time"));
    let hub = instance::open_on(config, connections, clock).await.expect("the instance opens");
    let (stop, stopping) = Stopping::channel();
    let router = http::app(hub.clone(), config, stopping.clone()).expect("there are no documents");
    TestApp { hub, router, now, statements, stop, stopping, _folder: folder, database }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl TestApp {
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// An instance with the usual settings.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().expect("no panic while telling the time")
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().expect("no panic while telling the time") += time;
    }

    /// Serves on a port of this machine until the application goes.
    pub async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let bounds = Bounds { connections: 100, grace: Duration::ZERO, reader_wait: Duration::from_secs(1) };
        tokio::spawn(serve(listener, self.router.clone(), self.stopping.clone(), bounds));
        address
    }

    /// Sends what is due in the outbox, one after the other; answers how many attempts that were.
    pub async fn deliver(&self) -> usize {
        Runner::new(self.hub.clone()).drain().await.expect("the database answers")
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    /// Nobody.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self, None, 0)
    }

    /// What an operation reads, without finding out who asks and what the instance does beside.
    pub async fn statements_of(&self, actor: &Actor, query: &str) -> Vec<String> {
        self.statements.lock().expect("no panic while noting").clear();
        let answer = actor.query(query).await;
        assert!(answer.json.get("errors").is_none(), "{answer:?}");
        let statements = self.statements.lock().expect("no panic while noting").clone();
        statements.into_iter().filter(|sql| sql.contains(" t0")).collect()
    }
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("groupgraph-it-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind in the folder for temporary files at worst.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
