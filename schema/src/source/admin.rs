//! What an operator does with sources at the command line of a hub. It must not know how it is typed or printed.

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::{source, source_collection, tenant};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};

use super::{check, enrolment, local, mappings};
use crate::{
    error::Error,
    federation::{handshake::Check, registry::endpoint},
    hub::Hub,
    viewer::Viewer,
};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum SourceAdminError {
    #[error("There is no company with the namespace {0}.")]
    UnknownTenant(String),
    #[error("There is no source {0}.")]
    UnknownSource(i64),
    #[error("The address or the credential of the source {0} cannot be read with this secret.")]
    Sealed(i64),
    #[error("database: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    Internal(#[from] Error),
}

/// A source in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    pub number: i64,
    /// Name of the company.
    pub tenant: String,
    pub name: String,
    pub endpoint: Option<String>,
    /// Word of `SourceMode`.
    pub mode: String,
    /// Word of `SourceState`.
    pub state: String,
    /// Words of the collections that it answers for.
    pub collections: Vec<String>,
    pub checked_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// All sources, by number.
///
/// # Errors
/// The database is out of reach.
pub async fn list(hub: &Hub) -> Result<Vec<SourceLine>, SourceAdminError> {
    let read = &hub.database.read;
    let offered = source_collection::Entity::find().filter(source_collection::Column::IsOffered.eq(true));
    let offered = offered.order_by_asc(source_collection::Column::Id).all(read).await?;
    let rows = source::Entity::find().order_by_asc(source::Column::Id).all(read).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let company = tenant::Entity::find_by_id(row.tenant_id).one(read).await?;
        let own = offered.iter().filter(|collection| collection.source_id == row.id);
        lines.push(SourceLine {
            number: row.id,
            tenant: company.map_or_else(String::new, |company| company.name),
            name: row.name,
            endpoint: row.endpoint,
            mode: row.mode,
            state: row.state,
            collections: own.map(|collection| collection.collection.clone()).collect(),
            checked_at: row.checked_at,
            last_error: row.last_error,
        });
    }
    Ok(lines)
}

/// Makes a one-time token with which a company, by namespace, may register its source.
///
/// # Errors
/// The company is unknown, or the database is out of reach.
pub async fn invite(hub: &Hub, namespace: &str, hours: u32) -> Result<String, SourceAdminError> {
    let company = tenant::Entity::find().filter(tenant::Column::Namespace.eq(namespace));
    let company = company.one(&hub.database.read).await?;
    let company = company.ok_or_else(|| SourceAdminError::UnknownTenant(namespace.to_owned()))?;
    let expires_at = hub.clock.now() + TimeDelta::hours(hours.into());
    Ok(enrolment::insert(&hub.database.write, company.id, expires_at).await?)
}

/// Makes the rows of a company in this very database a source, so that global fields hold them too.
///
/// # Errors
/// The company is unknown or has a source, or the database is out of reach.
pub async fn own(hub: &Hub, namespace: &str) -> Result<i64, SourceAdminError> {
    let company = tenant::Entity::find().filter(tenant::Column::Namespace.eq(namespace));
    let company = company.one(&hub.database.read).await?;
    let company = company.ok_or_else(|| SourceAdminError::UnknownTenant(namespace.to_owned()))?;
    let transaction = hub.database.write.begin().await?;
    let row = local::insert(&transaction, hub, &company).await?;
    check::store(&transaction, row, &local::check(), hub.clock.now()).await?;
    transaction.commit().await?;
    hub.federation.reload(&hub.database, &hub.sealing).await?;
    Ok(company.id)
}

/// Removes a source and its credential. A running server notices within ten seconds.
///
/// # Errors
/// The source is unknown, or the database is out of reach.
pub async fn remove(hub: &Hub, number: i64) -> Result<(), SourceAdminError> {
    let deleted = source::Entity::delete_by_id(number).exec(&hub.database.write).await?;
    if deleted.rows_affected == 0 { Err(SourceAdminError::UnknownSource(number)) } else { Ok(()) }
}

/// Checks a source now and writes down what was found.
///
/// # Errors
/// The source is unknown or sealed with another secret, or the database is out of reach.
pub async fn check(hub: &Hub, number: i64) -> Result<Check, SourceAdminError> {
    let row = source::Entity::find_by_id(number).one(&hub.database.read).await?;
    let row = row.ok_or(SourceAdminError::UnknownSource(number))?;
    let endpoint = endpoint(&row, &hub.sealing).ok_or(SourceAdminError::Sealed(number))?;
    let dialect = mappings::dialect(&hub.database.read, &row).await?;
    let found = check::run(hub, &Viewer::default(), &endpoint, &dialect).await?;
    let transaction = hub.database.write.begin().await?;
    check::store(&transaction, row, &found, hub.clock.now()).await?;
    transaction.commit().await?;
    Ok(found)
}
