//! Jobs of text recognition go to their service out of the outbox.

use sea_orm_migration::prelude::*;

use crate::m20261122_200002_lead_import::{KINDS_AND_PUSHES, allow_kinds};

#[derive(DeriveMigrationName)]
pub struct Migration;

const WITH_RECOGNITION: &str = "'PAYROLL', 'PAYSLIP', 'WEBHOOK', 'MAIL', 'ANNOUNCEMENT', 'HALOPSA', 'RECOGNITION'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        allow_kinds(manager, KINDS_AND_PUSHES, WITH_RECOGNITION).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DELETE FROM delivery WHERE kind = 'RECOGNITION'").await?;
        allow_kinds(manager, WITH_RECOGNITION, KINDS_AND_PUSHES).await
    }
}
