//! A bank account of a client.

use sea_orm::entity::prelude::*;

/// An account that debit orders may use.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub client_id: i64,
    pub bank_id: Option<i64>,
    pub branch_code: String,
    pub holder_name: String,
    pub account_number: String,
    pub kind_id: Option<i64>,
    pub verification: String,
    pub verified_with: Option<String>,
    pub is_active: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
