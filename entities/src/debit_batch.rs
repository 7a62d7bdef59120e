//! A day whose debit orders were submitted.

use sea_orm::entity::prelude::*;

/// The debit orders of one interval on one day, handed to the bank.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "debit_batch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub unit_id: i64,
    pub run_on: Date,
    pub submitted_by_id: Option<i64>,
    pub submitted_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
