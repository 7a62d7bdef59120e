//! A failure that people may want to look into.

use sea_orm::entity::prelude::*;

/// What failed; personal data is masked.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "error_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub level: String,
    pub message: String,
    pub source: Option<String>,
    /// Number of the lead that it is about.
    pub about_lead_number: Option<i64>,
    pub about_code: String,
    pub occurred_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
