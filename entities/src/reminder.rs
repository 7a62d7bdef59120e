//! What a person is reminded of on a day.

use sea_orm::entity::prelude::*;

/// A reminder, often about a lead.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reminder")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub lead_id: Option<i64>,
    pub staff_id: i64,
    pub text: String,
    pub due_on: Date,
    pub is_notified: bool,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
