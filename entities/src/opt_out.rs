//! A phone number that must not be contacted on a channel.

use sea_orm::entity::prelude::*;

/// A blocked number.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "opt_out")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub channel: String,
    pub phone: String,
    pub phone_raw: Option<String>,
    pub name: Option<String>,
    pub flagged_on: Date,
    /// Client that refused; none for a person.
    pub client_id: Option<i64>,
    /// Another number of the holder, as it was entered.
    pub contact_phone: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
