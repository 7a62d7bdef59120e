//! Every migration goes up, down and up again on both databases, and the rules of the tables hold.

use groupgraph_migrations::Migrator;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectOptions, Database, DatabaseConnection, Statement},
};

/// The names of the program's own tables.
async fn tables(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    database
        .query_all_raw(Statement::from_string(database.get_database_backend(), sql))
        .await
        .expect("the catalogue answers")
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a name"))
        .filter(|name: &String| name != "seaql_migrations" && name != "sqlite_sequence")
        .collect()
}

async fn up_down_up(database: &DatabaseConnection, catalogue: &str) {
    Migrator::up(database, None).await.expect("up");
    let first = tables(database, catalogue).await;
    assert!(first.contains(&"lead".to_owned()));
    Migrator::down(database, None).await.expect("down");
    assert_eq!(tables(database, catalogue).await, Vec::<String>::new());
    Migrator::up(database, None).await.expect("up again");
    assert_eq!(tables(database, catalogue).await, first);
    rules(database).await;
    // Rows do not stop the way down.
    Migrator::down(database, None).await.expect("down again");
}

const NOW: &str = "'2026-01-02 03:04:05+00:00'";

/// The database itself refuses what would break the domain.
async fn rules(database: &DatabaseConnection) {
    accept(
        database,
        &[
            "INSERT INTO tenant (name, namespace, base_currency, time_zone, created_at, updated_at) \
             VALUES ('A', 'a', 'EUR', 'UTC', NOW, NOW)",
            "INSERT INTO pipeline (tenant_id, name) VALUES (1, 'first'), (1, 'second')",
            "INSERT INTO stage (pipeline_id, name) VALUES (1, 'of first')",
            "INSERT INTO staff (tenant_id, name, email, created_at, updated_at) \
             VALUES (1, 'Ada', 'ada@example.com', NOW, NOW)",
            // A deleted and an inactive person free the address.
            "INSERT INTO staff (tenant_id, name, email, created_at, updated_at, deleted_at) \
             VALUES (1, 'Bob', 'ada@example.com', NOW, NOW, NOW)",
            "INSERT INTO staff (tenant_id, name, email, is_active, created_at, updated_at) \
             VALUES (1, 'Cy', 'ada@example.com', false, NOW, NOW)",
            "INSERT INTO prospect (tenant_id, name, created_at, updated_at) \
             VALUES (1, 'P', NOW, NOW)",
            "INSERT INTO client (tenant_id, uuid, name, created_at, updated_at) \
             VALUES (1, 'u', 'C', NOW, NOW)",
            "INSERT INTO deal (tenant_id, title, pipeline_id, stage_id, created_at, updated_at) \
             VALUES (1, 'D', 1, 1, NOW, NOW)",
            "INSERT INTO deal_member (deal_id, staff_id) VALUES (1, 1)",
            "INSERT INTO contact (tenant_id, client_id, name, is_primary, created_at, updated_at) \
             VALUES (1, 1, 'K', true, NOW, NOW)",
        ],
    )
    .await;
    refuse(
        database,
        &[
            "INSERT INTO tenant (name, namespace, base_currency, time_zone, created_at, updated_at) \
             VALUES ('B', 'A', 'EUR', 'UTC', NOW, NOW)",
            "INSERT INTO staff (tenant_id, name, email, created_at, updated_at) \
             VALUES (1, 'Ada', 'ADA@example.com', NOW, NOW)",
            "UPDATE deal SET pipeline_id = 2",
            "UPDATE deal SET pipeline_id = NULL",
            "UPDATE deal SET probability = 101",
            "UPDATE deal SET status = 'WAITING'",
            "UPDATE deal SET value_minor = 5",
            "UPDATE deal SET owner_id = 99",
            "INSERT INTO contact (tenant_id, client_id, name, is_primary, created_at, updated_at) \
             VALUES (1, 1, 'L', true, NOW, NOW)",
            "INSERT INTO note (tenant_id, text, created_at) VALUES (1, 'of nobody', NOW)",
            "INSERT INTO note (tenant_id, prospect_id, client_id, text, created_at) \
             VALUES (1, 1, 1, 'of two', NOW)",
            "INSERT INTO instance (id, uuid, created_at) VALUES (2, 'v', NOW)",
        ],
    )
    .await;
    // The members go with the deal.
    accept(database, &["DELETE FROM deal"]).await;
    let members = tables(database, "SELECT 'member' FROM deal_member").await;
    assert_eq!(members, Vec::<String>::new());
}

async fn accept(database: &DatabaseConnection, statements: &[&str]) {
    for sql in statements {
        let result = database.execute_unprepared(&sql.replace("NOW", NOW)).await;
        assert!(result.is_ok(), "{sql}: {result:?}");
    }
}

async fn refuse(database: &DatabaseConnection, statements: &[&str]) {
    for sql in statements {
        let result = database.execute_unprepared(&sql.replace("NOW", NOW)).await;
        assert!(result.is_err(), "{sql} was accepted");
    }
}

#[tokio::test]
async fn sqlite() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each connection to a memory database has a database of its own.
    options.max_connections(1);
    let database = Database::connect(options).await.expect("SQLite opens");
    up_down_up(&database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").await;
}

#[tokio::test]
async fn postgres() {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let schema = format!("up_down_{}", std::process::id());
    let admin = Database::connect(&url).await.expect("PostgreSQL answers");
    admin.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await.expect("a schema");

    let joint = if url.contains('?') { '&' } else { '?' };
    let database =
        Database::connect(format!("{url}{joint}options=-csearch_path%3D{schema}")).await.expect("PostgreSQL answers");
    // In a task, so that the schema goes even if the test fails.
    let outcome = tokio::spawn(async move {
        up_down_up(
            &database,
            "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = current_schema() ORDER BY 1",
        )
        .await;
        database.close().await.expect("the connection closes");
    })
    .await;

    admin.execute_unprepared(&format!("DROP SCHEMA {schema} CASCADE")).await.expect("the schema goes");
    outcome.expect("up, down and up again");
}
