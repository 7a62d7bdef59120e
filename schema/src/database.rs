//! Connections to the one database: SQLite (one writer, several readers) or PostgreSQL (one pool).
//! It must not know tables.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sqlx::Executor;

/// Name of the collation by which `SQLite` orders text: by code point of the lower case, as all sources do. Its own
/// `lower` knows only the letters of ASCII.
pub const TEXT_ORDER: &str = "lower_code_points";

/// What PostgreSQL is told on each connection: compiling a plan takes longer than any statement here runs. Databases that
/// speak like it and know no such setting are told nothing.
const PREPARE: &str = "SELECT set_config('jit', 'off', false) FROM pg_settings WHERE name = 'jit'";

/// Where rows are read and written. On PostgreSQL both are the same pool; on SQLite all writes share one
/// connection, so that transactions queue here instead of failing with "database is locked".
#[derive(Clone, Debug)]
pub struct Database {
    /// For statements that only read.
    pub read: DatabaseConnection,
    /// For transactions that write.
    pub write: DatabaseConnection,
    /// Address as given; LISTEN needs a connection of its own.
    pub url: String,
}

impl Database {
    /// Connects. `url` is `sqlite://PATH?mode=rwc`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    /// The database is out of reach, or the address is malformed.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        if !url.starts_with("sqlite") {
            let pool = sea_orm::Database::connect(options(url, max_connections)).await?;
            return Ok(Self { read: pool.clone(), write: pool, url: url.into() });
        }
        let write = sea_orm::Database::connect(options(url, 1)).await?;
        write.execute_unprepared("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;").await?;
        // A memory database lives in its one connection.
        let read = if url.contains(":memory:") {
            write.clone()
        } else {
            sea_orm::Database::connect(options(url, max_connections)).await?
        };
        Ok(Self { read, write, url: url.into() })
    }

    /// One transaction that writes; dropping it without committing leaves nothing behind.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let immediate = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        self.write.begin_with_options(options).await
    }

    /// Which SQL the database speaks.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }
}

fn options(url: &str, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_connect(|connection, _| Box::pin(async move { connection.execute(PREPARE).await.map(drop) }))
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            let collated = sqlite.collation(TEXT_ORDER, |one, other| lower(one).cmp(lower(other)));
            collated.busy_timeout(Duration::from_secs(10)).foreign_keys(true)
        });
    options
}

/// The lower case of a text, letter by letter.
pub fn lower(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}
