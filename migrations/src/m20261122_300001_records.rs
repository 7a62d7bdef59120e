//! Rows of the resources of the catalogue, which have one table. Indexes on members of their bodies follow from the
//! catalogue and are made at start.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    vec![
        Rows::new("record")
            .tenant()
            .text(&["kind", "object_id"])
            .json(&["body"])
            .counter("revision")
            .changed()
            .soft_delete()
            .unique("object_id", "object_id")
            .index("kind", "kind, tenant_id, id")
            .index("updated_at", "kind, tenant_id, updated_at, id"),
    ]
}
