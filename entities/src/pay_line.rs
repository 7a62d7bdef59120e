//! Bonuses and deductions.

use sea_orm::entity::prelude::*;

/// A line of a payroll entry.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub payroll_entry_id: i64,
    pub kind: String,
    pub position: i32,
    pub title: String,
    pub amount_minor: i64,
    pub amount_currency: String,
    pub details: Option<Json>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
