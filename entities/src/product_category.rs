//! A group of products.

use sea_orm::entity::prelude::*;

/// A category; may lie within another one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product_category")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub name: String,
    pub local_name: Option<String>,
    pub parent_id: Option<i64>,
    pub image_file_id: Option<i64>,
    pub position: Option<i32>,
    pub is_active: bool,
    pub attributes: Option<Json>,
    /// Counts changes, whoever makes them; the database does.
    pub revision: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
