//! Rows that several interfaces change count their changes, so that whoever writes can say which state they have seen.
//! The database counts: no way of writing can forget it.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 8] = ["client", "invoice", "payment", "product", "product_category", "staff", "team", "ticket"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            let count = "CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS \
                         $$ BEGIN NEW.revision := OLD.revision + 1; RETURN NEW; END $$";
            connection.execute_unprepared(count).await?;
        }
        for table in TABLES {
            let column = format!("ALTER TABLE \"{table}\" ADD COLUMN revision integer NOT NULL DEFAULT 0");
            connection.execute_unprepared(&column).await?;
            let trigger = if is_postgres {
                format!(
                    "CREATE TRIGGER {table}_revision BEFORE UPDATE ON \"{table}\" FOR EACH ROW \
                     EXECUTE FUNCTION count_revision()"
                )
            } else {
                format!(
                    "CREATE TRIGGER {table}_revision AFTER UPDATE ON \"{table}\" FOR EACH ROW \
                     WHEN NEW.revision = OLD.revision BEGIN \
                     UPDATE \"{table}\" SET revision = OLD.revision + 1 WHERE id = NEW.id; END"
                )
            };
            connection.execute_unprepared(&trigger).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        for table in TABLES {
            let on = if is_postgres { format!(" ON \"{table}\"") } else { String::new() };
            connection.execute_unprepared(&format!("DROP TRIGGER {table}_revision{on}")).await?;
            connection.execute_unprepared(&format!("ALTER TABLE \"{table}\" DROP COLUMN revision")).await?;
        }
        if is_postgres {
            connection.execute_unprepared("DROP FUNCTION count_revision()").await?;
        }
        Ok(())
    }
}
