//! Money from a client.

use sea_orm::entity::prelude::*;

/// A payment; its allocations say which invoices it pays.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub uuid: String,
    pub amount_minor: i64,
    pub currency: String,
    pub status: String,
    pub invoice_id: Option<i64>,
    pub client_id: Option<i64>,
    pub subscription_id: Option<i64>,
    pub method: Option<String>,
    pub reference: Option<String>,
    pub description: Option<String>,
    pub received_by_id: Option<i64>,
    pub paid_on: Date,
    pub attributes: Option<Json>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    /// Counts changes, whoever makes them; the database does.
    pub revision: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
