//! Somebody who may become a client, worked by staff.

use sea_orm::entity::prelude::*;

/// A prospect; stays as history once it is a client.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prospect")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub kind: String,
    pub name: String,
    pub contact_name: Option<String>,
    pub company_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub phone_raw: Option<String>,
    pub locale_id: Option<i64>,
    pub is_active: bool,
    pub is_verified: bool,
    pub tier: Option<String>,
    pub balance_minor: Option<i64>,
    pub balance_currency: Option<String>,
    pub owner_id: Option<i64>,
    pub lead_id: Option<i64>,
    pub client_id: Option<i64>,
    pub lifecycle: String,
    pub qualification_pain_points: Option<String>,
    pub qualification_budget_range: Option<String>,
    pub qualification_is_decision_maker: Option<bool>,
    pub qualification_fit_score: Option<i32>,
    pub next_action: Option<String>,
    pub next_action_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
