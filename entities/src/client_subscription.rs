//! What a client pays for by debit order.

use sea_orm::entity::prelude::*;

/// A subscription; its products are the items.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_subscription")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub uuid: String,
    pub client_id: i64,
    pub status: String,
    pub payment_method_id: Option<i64>,
    pub bank_account_id: Option<i64>,
    pub billing_day: i32,
    pub start_on: Date,
    pub end_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
