//! Reports of misconduct.

use sea_orm::entity::prelude::*;

/// A report. `reporter_id` is empty if it is anonymous; `filed_by_id` is for the list of one's own alone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "whistle_report")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub title: String,
    pub body: String,
    pub occurred_on: Date,
    pub reported_id: i64,
    pub is_anonymous: bool,
    pub filed_by_id: Option<i64>,
    pub reporter_id: Option<i64>,
    pub status: String,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
