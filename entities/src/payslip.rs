//! Payslips of people.

use sea_orm::entity::prelude::*;

/// A payslip: a file that is stored here, or the address that its hub gave.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "payslip")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub remote_staff_number: i32,
    pub month: i32,
    pub year: i32,
    pub file_name: String,
    pub file_id: Option<i64>,
    pub link: Option<String>,
    pub uploaded_by_id: Option<i64>,
    pub uploaded_at: DateTimeUtc,
    pub synced_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
