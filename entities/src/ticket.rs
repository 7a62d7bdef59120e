//! A support case or a field job.

use sea_orm::entity::prelude::*;

/// A ticket; its key is what clients see.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub kind: String,
    pub key: String,
    pub subject: String,
    pub message: Option<String>,
    pub status: String,
    pub priority: Option<i32>,
    pub department_id: Option<i64>,
    pub client_id: Option<i64>,
    pub contact_id: Option<i64>,
    pub assignee_id: Option<i64>,
    pub opened_by_id: Option<i64>,
    pub due_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub attributes: Option<Json>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// Counts changes, whoever makes them; the database does.
    pub revision: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
