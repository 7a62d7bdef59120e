//! Questions to outside registries about persons.

use sea_orm::entity::prelude::*;

/// One question; the number that was asked for is kept keyed and masked, a result sealed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_check")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub staff_id: Option<i64>,
    pub kind: String,
    pub key_hash: String,
    pub masked_key: String,
    pub status: String,
    pub cost_minor: i64,
    pub currency: String,
    pub result_sealed: Option<String>,
    pub expires_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
