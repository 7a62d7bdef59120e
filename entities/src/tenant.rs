//! A company of the group.

use sea_orm::entity::prelude::*;

/// A company; owns most other rows.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub namespace: String,
    pub url: Option<String>,
    pub base_currency: String,
    pub time_zone: String,
    pub country_id: Option<i64>,
    pub is_head_office: bool,
    pub is_active: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
