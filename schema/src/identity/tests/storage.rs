//! A fresh database per test: in memory, or with `TEST_DATABASE_URL` a schema of its own on `PostgreSQL`.

use groupgraph_migrations::Migrator;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use crate::database::Database;

/// Goes when the test ends.
pub struct Storage {
    pub database: Database,
    /// Address of the server and name of the schema.
    schema: Option<(String, String)>,
}

impl Storage {
    pub async fn new() -> Self {
        let (database, schema) = match std::env::var("TEST_DATABASE_URL") {
            Err(_) => (Database::connect("sqlite::memory:", 1).await.unwrap(), None),
            Ok(url) => {
                let schema = format!("identity_{}", Uuid::new_v4().simple());
                run(&url, &format!("CREATE SCHEMA {schema}")).await;
                let joint = if url.contains('?') { '&' } else { '?' };
                let address = format!("{url}{joint}options=-csearch_path%3D{schema}&application_name={schema}");
                (Database::connect(&address, 3).await.unwrap(), Some((url, schema)))
            }
        };
        Migrator::up(&database.write, None).await.unwrap();
        Self { database, schema }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let Some((url, schema)) = self.schema.take() else { return };
        let clean = async move {
            // A transaction that a failed call left behind is rolled back by the runtime, which waits for this.
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name";
            run(&url, &format!("{end} = '{schema}'; DROP SCHEMA {schema} CASCADE")).await;
        };
        // Another thread, because this one is inside a runtime.
        let thread = std::thread::spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(clean);
        });
        thread.join().unwrap();
    }
}

async fn run(url: &str, sql: &str) {
    let admin = sea_orm::Database::connect(url).await.unwrap();
    admin.execute_unprepared(sql).await.unwrap();
    admin.close().await.unwrap();
}
