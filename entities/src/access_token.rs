//! What a device, a person or a program signs in with.

use sea_orm::entity::prelude::*;

/// An access token; its secret is kept as a hash, and only where the server must recognise it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_token")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub name: String,
    pub staff_id: Option<i64>,
    pub tenant_id: Option<i64>,
    pub secret_hash: Option<String>,
    pub permissions: Option<Json>,
    pub last_used_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
