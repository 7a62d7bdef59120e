//! What a person, or all staff, should achieve in a period.

use sea_orm::entity::prelude::*;

/// A goal; what was achieved is counted when it is asked for.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub staff_id: Option<i64>,
    pub subject: String,
    pub measure: String,
    pub start_on: Date,
    pub end_on: Date,
    pub target: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
