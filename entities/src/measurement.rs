//! How fast an endpoint answered within an hour.

use sea_orm::entity::prelude::*;

/// What one process measured; other processes have rows of their own.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "measurement")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// A uuid that a process gives itself at start.
    pub process: String,
    pub system: String,
    /// Template of the path.
    pub path: String,
    /// Hours since 1970.
    pub hour: i64,
    pub requests: i64,
    pub failed: i64,
    pub bytes: i64,
    pub microseconds: i64,
    /// Requests by time, a list of counts.
    pub buckets: Json,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
