//! Numbers of look-up values within their lists, by which older systems know them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for sql in [
            "ALTER TABLE lookup_value ADD COLUMN list_number integer",
            "UPDATE lookup_value SET list_number = (SELECT count(*) FROM lookup_value other \
             WHERE other.category_id = lookup_value.category_id AND other.id <= lookup_value.id)",
            "CREATE UNIQUE INDEX uq_lookup_value_list_number ON lookup_value (category_id, list_number)",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP INDEX uq_lookup_value_list_number").await?;
        connection.execute_unprepared("ALTER TABLE lookup_value DROP COLUMN list_number").await.map(drop)
    }
}
