//! A database per test: made once with all tables and two companies, then copied. A `SQLite` file, or a database
//! beside the one that `TEST_DATABASE_URL` names (as a superuser): changes are told to everybody on the same one.
//! PostgreSQL takes seconds to drop a database, so those of ended tests are emptied and used again.

use std::{path::Path, sync::Mutex};

use groupgraph_migrations::Migrator;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
/// Databases of ended tests.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

const PREFIX: &str = "groupgraph_it_";

const COMPANIES: &str = "INSERT INTO tenant \
    (name, namespace, base_currency, time_zone, is_head_office, is_active, created_at, updated_at) VALUES \
    ('Head Office', 'head-office', 'EUR', 'Africa/Lagos', TRUE, TRUE, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00'), \
    ('Daughter', 'daughter', 'USD', 'Europe/Berlin', FALSE, TRUE, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')";

/// Also ends connections that the last test has left.
const EMPTY: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid(); \
    SET session_replication_role = replica; \
    DO $$ DECLARE name text; BEGIN \
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables \
    WHERE schemaname = 'public' AND tablename <> 'seaql_migrations' \
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP; \
    PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public'; \
    END $$";

/// What each test's database is a copy of.
enum Template {
    File(Vec<u8>),
    Postgres { server: Url, name: String },
}

/// The database of one test.
pub struct TestDatabase {
    pub url: String,
    /// Its name, where there is a server.
    name: Option<String>,
}

impl TestDatabase {
    pub async fn create(folder: &Path) -> Self {
        match TEMPLATE.get_or_init(Template::make).await {
            Template::File(template) => {
                let path = folder.join("groupgraph.db");
                std::fs::write(&path, template).expect("the folder is there");
                Self { url: format!("sqlite://{}?mode=rwc", path.display()), name: None }
            }
            Template::Postgres { server, name } => {
                let free = FREE.lock().expect("no panic while taking one").pop();
                let own = if let Some(used) = free {
                    let database = connect(beside(server, &used).as_str()).await;
                    execute(&database, EMPTY).await;
                    execute(&database, COMPANIES).await;
                    database.close().await.expect("the connection closes");
                    used
                } else {
                    let own = format!("{PREFIX}{}", Uuid::now_v7().simple());
                    run(server, &format!("CREATE DATABASE {own} TEMPLATE {name}")).await;
                    own
                };
                Self { url: beside(server, &own).into(), name: Some(own) }
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.name.is_some()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        FREE.lock().expect("no panic while giving one back").extend(self.name.take());
    }
}

impl Template {
    async fn make() -> Self {
        let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            let path = std::env::temp_dir().join(format!("{name}.db"));
            let database = connect(&format!("sqlite://{}?mode=rwc", path.display())).await;
            // Nothing is lost with it, so nobody waits for the disk.
            execute(&database, "PRAGMA synchronous = OFF").await;
            fill(database).await;
            let bytes = std::fs::read(&path).expect("the database was written");
            std::fs::remove_file(&path).expect("nobody else uses it");
            return Self::File(bytes);
        };
        let mut server: Url = server.parse().expect("TEST_DATABASE_URL is an address");
        server.query_pairs_mut().append_pair("options", "-csynchronous_commit=off");
        sweep(&server).await;
        run(&server, &format!("CREATE DATABASE {name}")).await;
        fill(connect(beside(&server, &name).as_str()).await).await;
        Self::Postgres { server, name }
    }
}

async fn fill(database: DatabaseConnection) {
    Migrator::up(&database, None).await.expect("all migrations run");
    execute(&database, COMPANIES).await;
    database.close().await.expect("the connection closes");
}

/// Drops what runs of more than an hour ago left behind: nothing happens after the last test.
async fn sweep(server: &Url) {
    let connection = connect(server.as_str()).await;
    let sql = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("a list");
    let second = |uuid: Uuid| uuid.get_timestamp().map_or(0, |time| time.to_unix().0);
    let now = second(Uuid::now_v7());
    for row in rows {
        let name: String = row.try_get_by_index(0).expect("a name");
        if name[PREFIX.len()..].parse().map_or(0, second) + 3600 < now {
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
    execute(&connection, sql).await;
    connection.close().await.expect("the connection closes");
}

async fn execute(database: &DatabaseConnection, sql: &str) {
    database.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}
