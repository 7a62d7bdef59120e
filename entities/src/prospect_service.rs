//! A service that a prospect uses or asks for.

use sea_orm::entity::prelude::*;

/// One service of one prospect.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prospect_service")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub prospect_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lookup_value_id: i64,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
