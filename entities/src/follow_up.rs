//! How staff follow up on a prospect or a client.

use sea_orm::entity::prelude::*;

/// Follow-up data; exactly one prospect or client has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_up")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub prospect_id: Option<i64>,
    pub client_id: Option<i64>,
    pub category_id: Option<i64>,
    pub category_changed_at: Option<DateTimeUtc>,
    pub channel: Option<String>,
    pub account_type: Option<String>,
    pub account_value_minor: Option<i64>,
    pub account_value_currency: Option<String>,
    pub monthly_shipments: Option<i32>,
    pub monthly_shipments_label: Option<String>,
    pub ecommerce_type_id: Option<i64>,
    pub weight_range_id: Option<i64>,
    pub content_type_id: Option<i64>,
    pub plan_type_id: Option<i64>,
    pub campaign_id: Option<i64>,
    pub locale_id: Option<i64>,
    pub lead_status: Option<String>,
    pub annotations: Option<String>,
    pub has_recharge: bool,
    pub first_contact_at: Option<DateTimeUtc>,
    pub last_contact_at: Option<DateTimeUtc>,
    pub next_contact_on: Option<Date>,
    pub estimated_close_on: Option<Date>,
    pub commercial_offer_on: Option<Date>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
