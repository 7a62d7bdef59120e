//! A database per test: made once with all tables and two companies, then copied. A `SQLite` file, or a database
//! beside the one that `TEST_DATABASE_URL` names: changes are told to everybody on the same one.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use groupgraph_migrations::Migrator;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
static COUNT: AtomicUsize = AtomicUsize::new(0);

const PREFIX: &str = "groupgraph_it_";

const COMPANIES: &str = "INSERT INTO tenant \
    (name, namespace, base_currency, time_zone, is_head_office, is_active, created_at, updated_at) VALUES \
    ('Head Office', 'head-office', 'EUR', 'Africa/Lagos', TRUE, TRUE, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00'), \
    ('Daughter', 'daughter', 'USD', 'Europe/Berlin', FALSE, TRUE, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')";

/// What each test's database is a copy of.
enum Template {
    File(Vec<u8>),
    Postgres { server: Url, name: String },
}

/// The database of one test; it goes with it.
pub struct TestDatabase {
    pub url: String,
    /// Server and name, where there is a server.
    dropped: Option<(Url, String)>,
}

impl TestDatabase {
    pub async fn create(folder: &Path) -> Self {
        match TEMPLATE.get_or_init(Template::make).await {
            Template::File(template) => {
                let path = folder.join("groupgraph.db");
                std::fs::write(&path, template).expect("the folder is there");
                Self { url: format!("sqlite://{}?mode=rwc", path.display()), dropped: None }
            }
            Template::Postgres { server, name } => {
                let own = format!("{name}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
                run(server, &format!("CREATE DATABASE {own} TEMPLATE {name}")).await;
                Self { url: beside(server, &own).into(), dropped: Some((server.clone(), own)) }
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.dropped.is_some()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = self.dropped.take() else { return };
        // The runtime of the test may be ending.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        // A database left behind fails no test.
        let _ = thread.join();
    }
}

impl Template {
    async fn make() -> Self {
        let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            let path = std::env::temp_dir().join(format!("{name}.db"));
            fill(connect(&format!("sqlite://{}?mode=rwc", path.display())).await).await;
            let bytes = std::fs::read(&path).expect("the database was written");
            std::fs::remove_file(&path).expect("nobody else uses it");
            return Self::File(bytes);
        };
        let server: Url = server.parse().expect("TEST_DATABASE_URL is an address");
        sweep(&server).await;
        run(&server, &format!("CREATE DATABASE {name}")).await;
        fill(connect(beside(&server, &name).as_str()).await).await;
        Self::Postgres { server, name }
    }
}

async fn fill(database: DatabaseConnection) {
    Migrator::up(&database, None).await.expect("all migrations run");
    database.execute_unprepared(COMPANIES).await.expect("two companies");
    database.close().await.expect("the connection closes");
}

/// Drops what runs of more than an hour ago left behind: nothing ends when the last test does.
async fn sweep(server: &Url) {
    let connection = connect(server.as_str()).await;
    let sql = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("a list");
    let second = |uuid: Uuid| uuid.get_timestamp().map_or(0, |time| time.to_unix().0);
    let now = second(Uuid::now_v7());
    for row in rows {
        let name: String = row.try_get_by_index(0).expect("a name");
        let made = name[PREFIX.len()..].split('_').next().and_then(|uuid| uuid.parse().ok()).map_or(0, second);
        if made + 3600 < now {
            // Another run may be sweeping too.
            let _ = connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
    connection.close().await.expect("the connection closes");
}

fn beside(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(name);
    url
}

async fn run(server: &Url, sql: &str) {
    let connection = connect(server.as_str()).await;
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("the connection closes");
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}
