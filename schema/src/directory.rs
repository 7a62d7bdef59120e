//! What every request needs to know of the companies: currency, time zone, country. Kept in memory, read again
//! when a company changes. It must not know who asks.

use std::{collections::HashMap, sync::RwLock};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use groupgraph_entities::{country, tenant};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};

/// The companies, by number.
#[derive(Default)]
pub struct Directory {
    tenants: RwLock<HashMap<i64, Company>>,
}

/// What is known of a company.
#[derive(Clone, Debug)]
pub struct Company {
    pub name: String,
    pub namespace: String,
    pub base_currency: String,
    pub time_zone: Tz,
    /// ISO 3166 code of its country.
    pub country: Option<String>,
    pub is_head_office: bool,
}

impl Directory {
    /// Reads all companies.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(&self, database: &DatabaseConnection) -> Result<(), DbErr> {
        let countries: HashMap<i64, String> =
            country::Entity::find().all(database).await?.into_iter().map(|row| (row.id, row.code)).collect();
        let tenants = tenant::Entity::find().all(database).await?.into_iter().map(|row| {
            let company = Company {
                name: row.name,
                namespace: row.namespace,
                base_currency: row.base_currency,
                time_zone: row.time_zone.parse().unwrap_or(Tz::UTC),
                country: row.country_id.and_then(|id| countries.get(&id).cloned()),
                is_head_office: row.is_head_office,
            };
            (row.id, company)
        });
        *self.tenants.write().expect("no panic while reading companies") = tenants.collect();
        Ok(())
    }

    /// A company; the head office for a viewer without one.
    #[must_use]
    pub fn company(&self, tenant: Option<i64>) -> Option<Company> {
        let tenants = self.tenants.read().expect("no panic while reading companies");
        let own = tenant.and_then(|tenant| tenants.get(&tenant));
        own.or_else(|| tenants.values().find(|company| company.is_head_office)).cloned()
    }

    /// The number of the company of that namespace.
    #[must_use]
    pub fn by_namespace(&self, namespace: &str) -> Option<i64> {
        let tenants = self.tenants.read().expect("no panic while reading companies");
        tenants.iter().find(|(_, company)| company.namespace == namespace).map(|(number, _)| *number)
    }

    /// The numbers of all companies.
    #[must_use]
    pub fn numbers(&self) -> Vec<i64> {
        self.tenants.read().expect("no panic while reading companies").keys().copied().collect()
    }

    /// The number of the hub's own company.
    #[must_use]
    pub fn head_office(&self) -> Option<i64> {
        let tenants = self.tenants.read().expect("no panic while reading companies");
        tenants.iter().find(|(_, company)| company.is_head_office).map(|(number, _)| *number)
    }

    /// Currency of amounts that name none.
    #[must_use]
    pub fn base_currency(&self, tenant: Option<i64>) -> String {
        self.company(tenant).map_or_else(|| "USD".to_owned(), |company| company.base_currency)
    }

    /// Zone of times that name none.
    #[must_use]
    pub fn time_zone(&self, tenant: Option<i64>) -> Tz {
        self.company(tenant).map_or(Tz::UTC, |company| company.time_zone)
    }

    /// The day that it is at the company.
    #[must_use]
    pub fn today(&self, now: DateTime<Utc>, tenant: Option<i64>) -> NaiveDate {
        now.with_timezone(&self.time_zone(tenant)).date_naive()
    }
}
