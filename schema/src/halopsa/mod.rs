//! HaloPSA, the system of record in which leads and opportunities are tickets: what is imported here is pushed there
//! through the outbox, and the number of the ticket becomes an external reference. It must not know who imports.

mod client;
mod send;

pub use client::Client;
pub use send::send;

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize};

use crate::{
    delivery::{self, Kind, parcel},
    error::Error,
    events::ChangeKind,
    hub::Hub,
    lead_import::settings::ImportSettings,
    verb::Call,
};

/// Name of the system in external references.
pub const SYSTEM: &str = "halopsa";

/// The rows of a company that are pushed, if it has an instance and this hub may sign in there.
#[derive(Clone, Debug)]
pub struct Pushes {
    target: String,
}

/// What a push carries: the row, as it is when it is sent.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Content {
    pub of: String,
    pub number: i64,
}

impl Pushes {
    /// By the settings of the company; none if nothing is pushed.
    #[must_use]
    pub fn of(hub: &Hub, settings: &ImportSettings) -> Option<Self> {
        let halopsa = &hub.settings.halopsa;
        let may_sign_in = !halopsa.client_id.is_empty() && halopsa.client_secret.is_some();
        settings.instance_url.clone().filter(|_| may_sign_in).map(|target| Self { target })
    }

    /// The same for a company whose settings have not been read.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn of_company<C: ConnectionTrait>(hub: &Hub, db: &C, tenant: i64) -> Result<Option<Self>, Error> {
        Ok(Self::of(hub, &ImportSettings::load(db, tenant).await?))
    }

    /// Puts a row into the outbox; it leaves after `wait` seconds at the earliest.
    ///
    /// # Errors
    /// The database refused.
    pub async fn push(
        &self,
        call: &Call<'_>,
        tx: &DatabaseTransaction,
        (tenant, of, number): (i64, &str, i64),
        wait: f64,
    ) -> Result<(), DbErr> {
        let content = Content { of: of.to_owned(), number };
        let mut row = parcel::parcel(call.hub, Kind::Halopsa, self.target.clone(), &content);
        row.tenant_id = Set(Some(tenant));
        row.subject_type = Set(Some(of.to_owned()));
        row.subject_id = Set(Some(number));
        row.lane = Set(Some(format!("{SYSTEM} {of} {number}")));
        row.created_by_id = Set(call.viewer.staff);
        #[expect(clippy::cast_possible_truncation, reason = "waits are minutes")]
        let wait = TimeDelta::milliseconds((wait * 1_000.0) as i64);
        row.next_attempt_at = Set(Some(call.now() + wait));
        let id = row.insert(tx).await?.id;
        call.changed(ChangeKind::Created, delivery::TYPE, id);
        Ok(())
    }
}
