//! What a company of the group decides for its rows: currency, time zone, calling code. It must not know other
//! tables than those of companies and countries.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use groupgraph_entities::{country, tenant};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};

use crate::{
    error::{Code, Error},
    hub::Hub,
    members,
    verb::{Call, Failure, fault},
    viewer::Viewer,
};

/// What rows of a company go by.
#[derive(Clone, Debug)]
pub struct Company {
    pub number: i64,
    /// ISO 4217 code of amounts that name none.
    pub currency: String,
    pub zone: Tz,
    /// Digits before national phone numbers, without plus.
    pub calling_code: Option<String>,
}

impl Company {
    /// Reads a company.
    ///
    /// # Errors
    /// The database is out of reach, or there is no such company.
    pub async fn find<C: ConnectionTrait>(db: &C, number: i64) -> Result<Self, Error> {
        let row = tenant::Entity::find_by_id(number)
            .one(db)
            .await?
            .ok_or_else(|| Error::internal(format!("there is no company {number}")))?;
        let calling_code = match row.country_id {
            Some(country) => country::Entity::find_by_id(country).one(db).await?.and_then(|row| row.calling_code),
            None => None,
        };
        Ok(Self {
            number,
            currency: row.base_currency,
            zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            calling_code: calling_code.map(|code| code.trim_start_matches('+').to_owned()),
        })
    }

    /// The day that an instant falls on where the company is.
    #[must_use]
    pub fn day(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }
}

/// The number of the company that new rows of this call belong to: that of the input, else the viewer's.
///
/// # Errors
/// `NOT_FOUND`, or `REQUIRED` if neither is there.
pub async fn owner<C: ConnectionTrait>(call: &Call<'_>, db: &C) -> Result<i64, Failure> {
    match members::present(call.input, "tenant") {
        Some(value) => call.resolve(db, value, "tenant", "Tenant").await,
        None => own(call.hub, call.viewer),
    }
}

/// The number of the viewer's company; the head office for a viewer without one.
///
/// # Errors
/// `REQUIRED` if there is neither.
pub fn own(hub: &Hub, viewer: &Viewer) -> Result<i64, Failure> {
    let number = viewer.tenant.or_else(|| hub.directory.head_office());
    number.ok_or_else(|| fault(Code::Required, "tenant", "Say which company."))
}

/// Makes other transactions that lock the same company wait until this one ends. Rows that merely belong to the
/// company can still be written.
///
/// # Errors
/// The database is out of reach.
pub async fn lock(transaction: &DatabaseTransaction, number: i64) -> Result<(), Error> {
    tenant::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(transaction).await?;
    Ok(())
}
