//! A submission of the contact centre.

use sea_orm::entity::prelude::*;

/// A product or subscription that was submitted; it can be called back until its first payment.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_item")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub reference: String,
    pub kind: String,
    pub subscription_id: i64,
    pub item_id: Option<i64>,
    pub billing_day: i32,
    pub amount_minor: Option<i64>,
    pub amount_currency: Option<String>,
    pub payer_name: String,
    /// Day of the first payment.
    pub due_on: Date,
    pub cancelled_at: Option<DateTimeUtc>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
