//! The id that a foreign system gives to a row.

use sea_orm::entity::prelude::*;

/// One foreign id; each row has at most one in a system.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "external_ref")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub system: String,
    pub entity: String,
    pub entity_id: i64,
    pub external_id: String,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
