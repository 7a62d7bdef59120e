//! A person who works at a company.

use sea_orm::entity::prelude::*;

/// A member of staff; the name is the one to show.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub phone_raw: Option<String>,
    pub social_links: Option<Json>,
    pub role_id: Option<i64>,
    pub position_id: Option<i64>,
    pub is_active: bool,
    pub is_administrator: bool,
    pub attributes: Option<Json>,
    pub last_signed_in_at: Option<DateTimeUtc>,
    pub password_hash: Option<String>,
    pub session_epoch: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub avatar_file_id: Option<i64>,
    /// Counts changes, whoever makes them; the database does.
    pub revision: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
