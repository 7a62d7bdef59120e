//! A key under which a mutation runs once.

use sea_orm::entity::prelude::*;

/// What a caller sent under a key, and what it was answered; status and answer are there once it has been.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The caller, such as `staff:5`.
    pub scope: String,
    pub key: String,
    pub body_hash: String,
    pub status: Option<i32>,
    pub answer_sealed: Option<String>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
