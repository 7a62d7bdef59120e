//! The outbox.

use sea_orm::entity::prelude::*;

/// Something on its way to another system.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub status: String,
    pub tenant_id: Option<i64>,
    pub payroll_entry_id: Option<i64>,
    pub payslip_id: Option<i64>,
    pub webhook_id: Option<i64>,
    pub event: Option<String>,
    pub subject_type: Option<String>,
    pub subject_id: Option<i64>,
    pub target: String,
    pub lane: Option<String>,
    pub idempotency_key: String,
    pub payload_sealed: Option<String>,
    pub created_by_id: Option<i64>,
    pub attempt_count: i32,
    pub next_attempt_at: Option<DateTimeUtc>,
    pub lease: Option<String>,
    pub leased_until: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub delivered_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
