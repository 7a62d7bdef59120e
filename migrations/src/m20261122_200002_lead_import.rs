//! Imports of leads by providers, their settings and attempts, failures that people look into, what callers have used
//! of their quotas, and pushes to the system of record.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

const KINDS: &str = "'PAYROLL', 'PAYSLIP', 'WEBHOOK', 'MAIL', 'ANNOUNCEMENT'";
pub(crate) const KINDS_AND_PUSHES: &str = "'PAYROLL', 'PAYSLIP', 'WEBHOOK', 'MAIL', 'ANNOUNCEMENT', 'HALOPSA'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await?;
        let dialect = "ALTER TABLE webhook ADD COLUMN dialect text NOT NULL DEFAULT 'STANDARD'";
        manager.get_connection().execute_unprepared(dialect).await?;
        allow_kinds(manager, KINDS, KINDS_AND_PUSHES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DELETE FROM delivery WHERE kind = 'HALOPSA'").await?;
        allow_kinds(manager, KINDS_AND_PUSHES, KINDS).await?;
        manager.get_connection().execute_unprepared("ALTER TABLE webhook DROP COLUMN dialect").await?;
        rows::drop(manager, tables()).await
    }
}

/// Changes the words that a kind of delivery may be. `SQLite` cannot alter a check, but documents this way to change
/// the text of one (`lang_altertable`, "making other kinds of table schema changes").
pub(crate) async fn allow_kinds(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared("ALTER TABLE delivery DROP CONSTRAINT IF EXISTS delivery_kind_check").await?;
        let check = format!("ALTER TABLE delivery ADD CONSTRAINT delivery_kind_check CHECK (kind IN ({to}))");
        connection.execute_unprepared(&check).await?;
        return Ok(());
    }
    let text = |words: &str| words.replace('\'', "''");
    connection
        .execute_unprepared(&format!(
            "PRAGMA writable_schema = ON; \
             UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE type = 'table' AND name = 'delivery'; \
             PRAGMA writable_schema = RESET;",
            text(from),
            text(to)
        ))
        .await?;
    Ok(())
}

fn tables() -> Vec<Rows> {
    vec![
        import_setting(),
        import_provider(),
        import_batch(),
        import_attempt(),
        error_log(),
        request_quota(),
        request_slot(),
    ]
}

fn import_setting() -> Rows {
    Rows::new("import_setting")
        .tenant()
        .optional_text(&["instance_url"])
        .flag("has_custom_fields", true)
        .unique("tenant_id", "tenant_id")
}

fn import_provider() -> Rows {
    Rows::new("import_provider")
        .tenant()
        .text(&["name"])
        .flag("is_enabled", true)
        .optional_integer(&["hourly_limit"])
        .unique("name", "tenant_id, name")
}

/// The key of a caller makes a repetition go on where the first call stopped.
fn import_batch() -> Rows {
    Rows::new("import_batch")
        .tenant()
        .optional_text(&["key"])
        .text(&["fingerprint", "provider"])
        .one_of_or_first("status", &["RUNNING", "DONE", "STOPPED"])
        .integer(&["total_count"])
        .counter("processed_count")
        .counter("accepted_count")
        .counter("rejected_count")
        .link("created_by_id", "staff")
        .created()
        .unique_where("key", "tenant_id, \"key\"", "\"key\" IS NOT NULL")
}

fn import_attempt() -> Rows {
    Rows::new("import_attempt")
        .tenant()
        .optional_child_of("batch_id", "import_batch")
        .optional_integer(&["row_index"])
        .text(&["provider"])
        .link("lead_id", "lead")
        .flag("is_success", false)
        .optional_text(&["error_code", "message"])
        .integer(&["took_ms"])
        .instant(&["occurred_at"])
        .index("occurred_at", "tenant_id, occurred_at")
        .unique_where("row", "batch_id, row_index", "batch_id IS NOT NULL")
}

fn error_log() -> Rows {
    Rows::new("error_log")
        .tenant()
        .one_of("level", &["ERROR", "WARNING", "INFO"])
        .text(&["message"])
        .optional_text(&["source"])
        .optional_big_integer(&["about_lead_number"])
        .text(&["about_code"])
        .instant(&["occurred_at"])
        .index("occurred_at", "occurred_at DESC, id")
}

/// How often a scope was used since the window began; seconds since 1970.
fn request_quota() -> Rows {
    Rows::new("request_quota").text(&["scope"]).big_integer(&["window_start", "used"]).unique("scope", "scope")
}

/// What is being done at the moment, by whichever replica.
fn request_slot() -> Rows {
    Rows::new("request_slot")
        .text(&["scope", "holder"])
        .instant(&["leased_until"])
        .unique("holder", "holder")
        .index("scope", "scope, leased_until")
}
