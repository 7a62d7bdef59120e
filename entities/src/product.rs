//! What a company sells.

use sea_orm::entity::prelude::*;

/// A product; its variants have the prices.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub name: String,
    pub local_name: Option<String>,
    pub description: Option<String>,
    pub category_id: Option<i64>,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    pub brand: Option<String>,
    pub price_minor: Option<i64>,
    pub price_currency: Option<String>,
    pub recommended_price_minor: Option<i64>,
    pub recommended_price_currency: Option<String>,
    pub image_file_id: Option<i64>,
    pub is_active: bool,
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
