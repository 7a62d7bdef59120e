//! A contact that nobody has qualified yet.

use sea_orm::entity::prelude::*;

/// A lead; becomes a client or a prospect when converted.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lead")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub name: String,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    pub job_title: Option<String>,
    pub company_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub phone_raw: Option<String>,
    pub country_id: Option<i64>,
    pub value_minor: Option<i64>,
    pub value_currency: Option<String>,
    pub state: String,
    pub status_id: Option<i64>,
    pub source_id: Option<i64>,
    pub pipeline_id: Option<i64>,
    pub stage_id: Option<i64>,
    pub owner_id: Option<i64>,
    pub is_public: bool,
    pub custom_fields: Option<Json>,
    pub last_contacted_at: Option<DateTimeUtc>,
    pub converted_at: Option<DateTimeUtc>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub client_id: Option<i64>,
    pub prospect_id: Option<i64>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
