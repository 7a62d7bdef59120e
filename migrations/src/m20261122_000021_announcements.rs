//! News of new prospects as a kind of delivery.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const OLD: &str = "'PAYROLL', 'PAYSLIP', 'WEBHOOK', 'MAIL'";
const NEW: &str = "'PAYROLL', 'PAYSLIP', 'WEBHOOK', 'MAIL', 'ANNOUNCEMENT'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        change(manager, OLD, NEW).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DELETE FROM delivery WHERE kind = 'ANNOUNCEMENT'").await?;
        change(manager, NEW, OLD).await
    }
}

/// Changes the check on the kind. `SQLite` knows no way but to change the text of the table, as its manual says;
/// to copy the table would take the rows with it that refer to it.
async fn change(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let sql = match manager.get_database_backend() {
        DbBackend::Sqlite => {
            let quoted = |words: &str| words.replace('\'', "''");
            format!(
                "PRAGMA writable_schema = ON; \
                 UPDATE sqlite_schema SET sql = replace(sql, 'IN ({})', 'IN ({})') WHERE type = 'table' AND name = 'delivery'; \
                 PRAGMA writable_schema = RESET;",
                quoted(from),
                quoted(to)
            )
        }
        _ => format!(
            "ALTER TABLE delivery DROP CONSTRAINT delivery_kind_check; \
             ALTER TABLE delivery ADD CONSTRAINT delivery_kind_check CHECK (kind IN ({to}));"
        ),
    };
    connection.execute_unprepared(&sql).await.map(drop)
}
