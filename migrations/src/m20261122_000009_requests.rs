//! What requests leave behind.

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
    vec![idempotency_key()]
}

fn idempotency_key() -> Rows {
    Rows::new("idempotency_key")
        .text(&["scope", "key", "body_hash"])
        .optional_integer(&["status"])
        .optional_text(&["answer_sealed"])
        .created()
        .unique("key", "scope, key")
        .index("created_at", "created_at")
}
