//! A value of a look-up list.

use sea_orm::entity::prelude::*;

/// A value; unique in its list, ignoring case.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lookup_value")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub category_id: i64,
    pub name: String,
    pub position: Option<i32>,
    pub is_active: bool,
    pub details: Option<Json>,
    pub list_number: Option<i32>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
