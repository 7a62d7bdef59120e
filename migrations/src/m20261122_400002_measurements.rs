//! How fast interfaces answered, as each process saw it: histograms by endpoint and hour, for a day.

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
        Rows::new("measurement")
            .text(&["process", "system", "path"])
            .big_integer(&["hour", "requests", "failed", "bytes", "microseconds"])
            .json(&["buckets"])
            .unique("hour", "hour, process, system, path"),
    ]
}
