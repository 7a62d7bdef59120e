//! What a person is told by the program.

use sea_orm::entity::prelude::*;

/// A notification; its subject may be a row of any table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub recipient_id: i64,
    pub text: String,
    pub subject_type: Option<String>,
    pub subject_id: Option<i64>,
    pub is_read: bool,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
