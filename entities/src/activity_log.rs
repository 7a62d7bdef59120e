//! What happened in a company, and who did it.

use sea_orm::entity::prelude::*;

/// One line of the log; the name of the person outlives the person.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "activity_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub kind: Option<String>,
    pub description: String,
    pub staff_id: Option<i64>,
    pub staff_name: Option<String>,
    pub occurred_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
