//! A sale in the making.

use sea_orm::entity::prelude::*;

/// A deal; its stage is always one of its pipeline.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub title: String,
    pub description: Option<String>,
    pub value_minor: Option<i64>,
    pub value_currency: Option<String>,
    pub status: String,
    pub pipeline_id: Option<i64>,
    pub stage_id: Option<i64>,
    pub source_id: Option<i64>,
    pub owner_id: Option<i64>,
    pub client_id: Option<i64>,
    pub prospect_id: Option<i64>,
    pub probability: Option<i32>,
    pub competitors: Option<String>,
    pub expected_close_on: Option<Date>,
    pub closed_at: Option<DateTimeUtc>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
