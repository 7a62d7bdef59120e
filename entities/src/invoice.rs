//! What a client is billed.

use sea_orm::entity::prelude::*;

/// An invoice; all its amounts share one currency.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub uuid: String,
    pub document_number: String,
    pub status: String,
    pub client_id: Option<i64>,
    pub client_name: Option<String>,
    pub owner_id: Option<i64>,
    pub subtotal_minor: i64,
    pub tax_total_minor: i64,
    pub total_minor: i64,
    pub paid_total_minor: i64,
    pub balance_minor: i64,
    pub currency: String,
    pub issued_on: Date,
    pub due_on: Option<Date>,
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
