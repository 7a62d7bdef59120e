//! Names of clients in a form that both databases compare alike, submissions of the contact centre, days whose
//! debit orders were submitted, and which client an opt-out is of.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: [&str; 7] = [
    "ALTER TABLE client ADD COLUMN name_key text",
    "ALTER TABLE client ADD COLUMN has_unique_name boolean NOT NULL DEFAULT FALSE",
    "CREATE INDEX ix_client_name_key ON client (tenant_id, name_key)",
    "CREATE UNIQUE INDEX uq_client_name ON client (tenant_id, name_key) WHERE has_unique_name AND deleted_at IS NULL",
    "ALTER TABLE opt_out ADD COLUMN contact_phone text",
    "DROP INDEX uq_opt_out_phone",
    "CREATE UNIQUE INDEX uq_opt_out_phone ON opt_out (tenant_id, channel, phone, COALESCE(client_id, 0))",
];

const DOWN: [&str; 8] = [
    "DROP INDEX uq_opt_out_phone",
    "DELETE FROM opt_out WHERE client_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_opt_out_phone ON opt_out (tenant_id, channel, phone)",
    "ALTER TABLE opt_out DROP COLUMN contact_phone",
    "DROP INDEX uq_client_name",
    "DROP INDEX ix_client_name_key",
    "ALTER TABLE client DROP COLUMN has_unique_name",
    "ALTER TABLE client DROP COLUMN name_key",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::add_link(manager, "opt_out", "client_id", "client").await?;
        run(manager, &UP).await?;
        rows::create(manager, tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop(manager, tables()).await?;
        run(manager, &DOWN).await?;
        rows::drop_link(manager, "opt_out", "client_id").await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

fn tables() -> Vec<Rows> {
    vec![workflow_item(), debit_batch()]
}

fn workflow_item() -> Rows {
    Rows::new("workflow_item")
        .tenant()
        .text(&["reference"])
        .one_of("kind", &["ADD_PRODUCT", "ADD_SUBSCRIPTION"])
        .child_of("subscription_id", "client_subscription")
        .link("item_id", "subscription_item")
        .integer(&["billing_day"])
        .money("amount")
        .text(&["payer_name"])
        .day(&["due_on"])
        .optional_instant(&["cancelled_at"])
        .link("created_by_id", "staff")
        .created()
        .unique("reference", "reference")
}

fn debit_batch() -> Rows {
    Rows::new("debit_batch")
        .tenant()
        .required_link("unit_id", "lookup_value")
        .day(&["run_on"])
        .link("submitted_by_id", "staff")
        .instant(&["submitted_at"])
        .unique("run_on", "tenant_id, unit_id, run_on")
}
