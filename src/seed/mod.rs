//! Fills an empty instance: with what every instance needs, or with one company that looks alive. The same profile
//! on the same day gives the same rows. It must not know the command line.

mod base;
mod book;
mod calendar;
mod catalogue;
mod client;
mod company;
mod crowd;
mod deal;
mod desk;
mod draw;
mod lead;
mod ledger;
mod office;
mod party;
mod prospect;
mod records;
#[cfg(test)]
mod tests;
mod ticket;
mod words;

use chrono_tz::Tz;
use groupgraph_entities::tenant;
use groupgraph_schema::{error::Error, hub::Hub};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, TransactionTrait};

use self::{book::Book, company::Company, words::Desk};

pub use self::words::{Counts, Mapping, Person, Profile};

/// What to make up.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    pub profile: &'a Profile,
    /// Multiplies leads, deals, prospects and clients; at least 1.
    pub scale: usize,
    /// How many prospects there are to be at least; the database makes those that the profile lacks.
    pub prospects: usize,
    /// Password of all staff; without one nobody can sign in until one is set.
    pub password: Option<&'a str>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Summary {
    /// The database has a company already and was left alone.
    Untouched,
    /// How many rows each table got.
    Written(Vec<(&'static str, usize)>),
}

impl Summary {
    /// All rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Untouched => 0,
            Self::Written(tables) => tables.iter().map(|(_, count)| count).sum(),
        }
    }
}

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("cannot write the rows: {0}")]
    Database(#[from] DbErr),
    #[error("cannot hash the password: {0}")]
    Password(#[from] Error),
}

/// Columns that point to rows that come later, filled in afterwards.
const LATE_LINKS: [&str; 3] = [
    "UPDATE lead SET client_id = (SELECT MIN(c.id) FROM client c WHERE c.lead_id = lead.id) \
     WHERE id IN (SELECT lead_id FROM client)",
    "UPDATE lead SET prospect_id = (SELECT MIN(p.id) FROM prospect p WHERE p.lead_id = lead.id) \
     WHERE id IN (SELECT lead_id FROM prospect)",
    "UPDATE client SET debit_account_id = (SELECT MIN(b.id) FROM bank_account b WHERE b.client_id = client.id) \
     WHERE id IN (SELECT client_id FROM bank_account)",
];

/// Fills an instance that has no company with one, in one transaction.
///
/// # Errors
/// The database failed, or the system has no randomness for the password.
pub async fn company(hub: &Hub, plan: &Plan<'_>) -> Result<Summary, SeedError> {
    if is_filled(hub).await? {
        return Ok(Summary::Untouched);
    }
    // Slow, so before the transaction.
    let password_hash = match plan.password {
        Some(password) => Some(hub.identity.hash_password(password).await?),
        None => None,
    };
    let transaction = hub.database.write.begin().await?;
    let (region, desk) = (plan.profile.region(), Desk::new());
    let zone = plan.profile.time_zone.parse().unwrap_or(Tz::UTC);
    let moment = (hub.clock.now(), zone);
    let mut company = Company::new(plan.profile, (&region, &desk), moment, plan.scale.max(1));
    company.password_hash = password_hash;
    make_up(&mut company);
    let mut written = company.book.write(&transaction).await?;
    for sql in LATE_LINKS {
        transaction.execute_unprepared(sql).await?;
    }
    if plan.prospects > company.counts.prospects {
        for (table, more) in crowd::gather(&transaction, plan.prospects).await? {
            written.iter_mut().filter(|(name, _)| *name == table).for_each(|(_, count)| *count += more);
        }
    }
    transaction.commit().await?;
    if plan.prospects > company.counts.prospects {
        // Or the next questions would be answered as if there were none of them.
        hub.database.write.execute_unprepared("ANALYZE").await?;
    }
    hub.directory.load(&hub.database.read).await?;
    Ok(Summary::Written(written))
}

fn make_up(company: &mut Company) {
    company.base = base::write(&mut company.book);
    office::tenants(company);
    office::lists(company);
    office::staff(company);
    catalogue::products(company);
    lead::leads(company);
    client::clients(company);
    prospect::prospects(company);
    deal::deals(company);
    ticket::tickets(company);
    ledger::invoices(company);
    desk::tasks(company);
    desk::announcements(company);
    desk::notifications_and_goals(company);
    desk::activities(company);
    desk::wallets(company);
    let (tenant, now) = (company.tenant, company.ago(90));
    records::settings(&mut company.book, tenant, now);
    records::stock(company);
}

/// Fills an instance that has no company with what every instance needs: countries, roles, look-up lists, and a
/// head office to be renamed.
///
/// # Errors
/// The database failed.
pub async fn base(hub: &Hub) -> Result<Summary, SeedError> {
    if is_filled(hub).await? {
        return Ok(Summary::Untouched);
    }
    let transaction = hub.database.write.begin().await?;
    let (mut book, now) = (Book::default(), hub.clock.now());
    base::write(&mut book);
    book.tenant.push(tenant::ActiveModel {
        id: Set(1),
        name: Set("Head office".into()),
        namespace: Set("head-office".into()),
        base_currency: Set("USD".into()),
        time_zone: Set("UTC".into()),
        is_head_office: Set(true),
        is_active: Set(true),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    records::settings(&mut book, 1, now);
    let written = book.write(&transaction).await?;
    transaction.commit().await?;
    hub.directory.load(&hub.database.read).await?;
    Ok(Summary::Written(written))
}

/// Whether an instance has a company already. Of two processes that fill the same instance at once, one fails by the
/// numbers of its rows.
///
/// # Errors
/// The database failed.
pub async fn is_filled(hub: &Hub) -> Result<bool, DbErr> {
    Ok(tenant::Entity::find().one(&hub.database.read).await?.is_some())
}
