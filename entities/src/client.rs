//! A customer of a company: an account, an outlet or a partner.

use sea_orm::entity::prelude::*;

/// A client; its balance is derived from invoices and payments.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub uuid: String,
    pub kind: String,
    pub name: String,
    pub local_name: Option<String>,
    pub trading_name: Option<String>,
    pub code: Option<String>,
    pub legal_form_id: Option<i64>,
    pub registration_number: Option<String>,
    pub tax_number: Option<String>,
    pub is_taxable: Option<bool>,
    pub default_tax_id: Option<i64>,
    pub description: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub phone_raw: Option<String>,
    pub mobile: Option<String>,
    pub mobile_raw: Option<String>,
    pub fax: Option<String>,
    pub website: Option<String>,
    pub logo_file_id: Option<i64>,
    pub social_links: Option<Json>,
    pub language_id: Option<i64>,
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub address_line3: Option<String>,
    pub address_line4: Option<String>,
    pub address_municipality: Option<String>,
    pub address_city: Option<String>,
    pub address_region: Option<String>,
    pub address_postal_code: Option<String>,
    pub address_country_id: Option<i64>,
    pub mailing_address_line1: Option<String>,
    pub mailing_address_line2: Option<String>,
    pub mailing_address_line3: Option<String>,
    pub mailing_address_line4: Option<String>,
    pub mailing_address_municipality: Option<String>,
    pub mailing_address_city: Option<String>,
    pub mailing_address_region: Option<String>,
    pub mailing_address_postal_code: Option<String>,
    pub mailing_address_country_id: Option<i64>,
    pub parent_id: Option<i64>,
    pub owner_id: Option<i64>,
    pub agent_id: Option<i64>,
    pub branch_id: Option<i64>,
    pub project_id: Option<i64>,
    pub visibility_id: Option<i64>,
    pub attribution: Option<Json>,
    pub consent: Option<Json>,
    pub is_active: bool,
    pub is_blacklisted: bool,
    pub balance_minor: Option<i64>,
    pub balance_currency: Option<String>,
    pub opening_balance_minor: Option<i64>,
    pub opening_balance_currency: Option<String>,
    pub opening_balance_on: Option<Date>,
    pub credit_limit_minor: Option<i64>,
    pub credit_limit_currency: Option<String>,
    pub default_billing_day: Option<i32>,
    pub closed_on: Option<Date>,
    pub expires_on: Option<Date>,
    pub onboarding_status: Option<String>,
    pub onboarding_answers: Option<Json>,
    pub lead_id: Option<i64>,
    pub custom_fields: Option<Json>,
    pub attributes: Option<Json>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub debit_account_id: Option<i64>,
    /// The name as it is compared: without outer spaces, in lower case.
    pub name_key: Option<String>,
    /// Whether no other such client of the company may have the name.
    pub has_unique_name: bool,
    /// Counts changes, whoever makes them; the database does.
    pub revision: i32,
}

/// Joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
