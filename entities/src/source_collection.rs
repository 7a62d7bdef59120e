//! What a source offers of one collection.

use sea_orm::entity::prelude::*;

/// One collection of one source, with its mapping if it has one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source_collection")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source_id: i64,
    pub collection: String,
    pub is_offered: bool,
    pub missing_fields: Json,
    pub filterable_fields: Json,
    pub orderable_fields: Json,
    pub paging: String,
    pub message: Option<String>,
    pub mapping_document: Option<String>,
    pub mapping_rows_path: Option<String>,
    pub mapping_conversions: Option<Json>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
