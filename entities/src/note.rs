//! What was noted about a lead, a prospect or a client.

use sea_orm::entity::prelude::*;

/// A note; belongs to exactly one of the three.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "note")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub lead_id: Option<i64>,
    pub prospect_id: Option<i64>,
    pub client_id: Option<i64>,
    pub text: String,
    pub action: Option<String>,
    pub follow_up_category_id: Option<i64>,
    pub scheduled_at: Option<DateTimeUtc>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
