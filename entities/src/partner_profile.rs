//! What makes a prospect or a client a partner.

use sea_orm::entity::prelude::*;

/// A partner profile; exactly one prospect or client has it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_profile")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub prospect_id: Option<i64>,
    pub client_id: Option<i64>,
    pub url: Option<String>,
    pub partner_type_id: Option<i64>,
    pub partner_origin_id: Option<i64>,
    pub locale_id: Option<i64>,
    pub rating: Option<i32>,
    pub social_network: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
