//! One position of an invoice.

use sea_orm::entity::prelude::*;

/// A line; the quantity counts millionths.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub invoice_id: i64,
    pub position: i32,
    pub description: String,
    pub product_id: Option<i64>,
    pub quantity_millionths: i64,
    pub unit_price_minor: i64,
    pub tax_minor: i64,
    pub total_minor: i64,
    pub currency: String,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
