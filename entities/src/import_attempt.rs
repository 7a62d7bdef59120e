//! One lead that was to be imported.

use sea_orm::entity::prelude::*;

/// How it went with one lead.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_attempt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub batch_id: Option<i64>,
    pub row_index: Option<i32>,
    pub provider: String,
    pub lead_id: Option<i64>,
    pub is_success: bool,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub took_ms: i32,
    pub occurred_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
