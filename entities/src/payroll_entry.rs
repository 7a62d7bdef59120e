//! Pay of people, as it was sent.

use sea_orm::entity::prelude::*;

/// What a person is paid for a month; once per company, person, month and year.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "payroll_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub remote_staff_number: i32,
    pub month: i32,
    pub year: i32,
    pub net_salary_minor: i64,
    pub net_salary_currency: String,
    pub pushed_by_id: Option<i64>,
    pub pushed_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
