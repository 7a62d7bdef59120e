//! A stored file.

use sea_orm::entity::prelude::*;

/// A file; the object store holds its bytes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub object_key: String,
    pub name: String,
    pub media_type: String,
    pub size_in_bytes: i32,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub lead_id: Option<i64>,
    pub whistle_report_id: Option<i64>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
