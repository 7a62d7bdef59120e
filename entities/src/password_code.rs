//! A mailed code that allows a new password.

use sea_orm::entity::prelude::*;

/// A code, kept as a hash.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "password_code")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub staff_id: i64,
    pub code_hash: String,
    pub attempts: i32,
    pub mailed_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub verified_token_hash: Option<String>,
    pub used_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
