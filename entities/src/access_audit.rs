//! Who looked at sensitive data, and why.

use sea_orm::entity::prelude::*;

/// One look.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub staff_id: Option<i64>,
    pub token_id: Option<i64>,
    pub subject: String,
    pub masked_key: Option<String>,
    pub purpose: Option<String>,
    pub occurred_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
