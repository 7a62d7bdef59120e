//! A bulk import and its progress.

use sea_orm::entity::prelude::*;

/// Rows of one call; a repetition with the same key goes on with it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub key: Option<String>,
    pub fingerprint: String,
    pub provider: String,
    pub status: String,
    pub total_count: i32,
    pub processed_count: i32,
    pub accepted_count: i32,
    pub rejected_count: i32,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
