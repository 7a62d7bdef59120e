//! The migrations of the database, for `SQLite` and `PostgreSQL` alike.

use sea_orm_migration::prelude::*;

mod m20261122_000001_tenants;
mod m20261122_000002_sign_in;
mod m20261122_000003_leads;
mod m20261122_000004_clients;
mod m20261122_000005_deals;
mod m20261122_000006_ledger;
mod m20261122_000007_office;
mod m20261122_000008_sources;
mod m20261122_000009_requests;
mod m20261122_000011_deliveries;
mod m20261122_000015_reports;
mod m20261122_000020_checks;
mod m20261122_000021_announcements;
mod m20261122_000022_list_numbers;
mod m20261122_200001_contact_centre;
mod m20261122_200002_lead_import;
mod m20261122_300001_records;
mod m20261122_300002_recognition;
mod m20261122_300003_revisions;
mod m20261122_400001_prospect_board;
mod m20261122_400002_measurements;
mod rows;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_tenants::Migration),
            Box::new(m20261122_000002_sign_in::Migration),
            Box::new(m20261122_000003_leads::Migration),
            Box::new(m20261122_000004_clients::Migration),
            Box::new(m20261122_000005_deals::Migration),
            Box::new(m20261122_000006_ledger::Migration),
            Box::new(m20261122_000007_office::Migration),
            Box::new(m20261122_000008_sources::Migration),
            Box::new(m20261122_000009_requests::Migration),
            Box::new(m20261122_000011_deliveries::Migration),
            Box::new(m20261122_000015_reports::Migration),
            Box::new(m20261122_000020_checks::Migration),
            Box::new(m20261122_000021_announcements::Migration),
            Box::new(m20261122_000022_list_numbers::Migration),
            Box::new(m20261122_200001_contact_centre::Migration),
            Box::new(m20261122_200002_lead_import::Migration),
            Box::new(m20261122_300001_records::Migration),
            Box::new(m20261122_300002_recognition::Migration),
            Box::new(m20261122_300003_revisions::Migration),
            Box::new(m20261122_400001_prospect_board::Migration),
            Box::new(m20261122_400002_measurements::Migration),
        ]
    }
}
