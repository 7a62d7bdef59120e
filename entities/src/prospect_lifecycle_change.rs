//! A past move of a prospect in its qualification.

use sea_orm::entity::prelude::*;

/// One move.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prospect_lifecycle_change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub prospect_id: i64,
    pub from: Option<String>,
    pub to: String,
    pub reason: Option<String>,
    pub changed_by_id: Option<i64>,
    pub changed_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
