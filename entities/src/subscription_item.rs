//! One product of a subscription.

use sea_orm::entity::prelude::*;

/// A billed product.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription_item")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub subscription_id: i64,
    pub product_id: i64,
    pub unit_id: Option<i64>,
    pub price_minor: i64,
    pub currency: String,
    pub receiver_identity_number: Option<String>,
    pub agent_id: Option<i64>,
    pub branch_id: Option<i64>,
    pub project_id: Option<i64>,
    pub reference_number: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
