//! Where the rows of a company are asked for.

use sea_orm::entity::prelude::*;

/// A source; each company has at most one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub name: String,
    pub endpoint: Option<String>,
    pub mode: String,
    pub state: String,
    pub credential_sealed: Option<String>,
    pub instance: Option<String>,
    pub timeout_ms: i32,
    pub max_answer_bytes: i64,
    pub max_concurrency: i32,
    pub cache_seconds: i32,
    pub lease_expires_at: Option<DateTimeUtc>,
    pub checked_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub drifted_fields: Json,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
