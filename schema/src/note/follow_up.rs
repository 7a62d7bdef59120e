//! What a note does to the follow-up of a prospect or client.

use chrono::{DateTime, Utc};
use groupgraph_entities::{
    follow_up::{ActiveModel, Column, Entity},
    prospect,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Set,
    sea_query::{LockType, OnConflict},
};

use crate::{prospect::follow_up::first_category, verb::Call};

/// What a note can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    Lead(i64),
    Prospect(i64),
    Client(i64),
}

impl Party {
    /// By the numbers of lead, prospect and client, of which one is there.
    pub(super) fn of([lead, prospect, client]: [Option<i64>; 3]) -> Option<Self> {
        lead.map(Self::Lead).or(prospect.map(Self::Prospect)).or(client.map(Self::Client))
    }

    /// GraphQL type and number.
    pub(super) fn named(self) -> (&'static str, i64) {
        match self {
            Self::Lead(number) => ("Lead", number),
            Self::Prospect(number) => ("Prospect", number),
            Self::Client(number) => ("Client", number),
        }
    }
}

/// What is to change; members that are none stay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub tenant: i64,
    pub party: Party,
    pub category: Option<i64>,
    pub contacted_at: Option<DateTime<Utc>>,
}

/// Moves the follow-up of a prospect or client; makes it, in the first column of the board, if there is none.
pub(super) async fn apply(call: &Call<'_>, transaction: &DatabaseTransaction, change: Move) -> Result<(), DbErr> {
    let (column, prospect, client) = match change.party {
        Party::Prospect(number) => (Column::ProspectId, Some(number), None),
        Party::Client(number) => (Column::ClientId, None, Some(number)),
        Party::Lead(_) => return Ok(()),
    };
    let (_, number) = change.party.named();
    // In the order in which everybody locks: a move is tallied with its prospect.
    if prospect.is_some() {
        prospect::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(transaction).await?;
    }
    let find = || Entity::find().filter(column.eq(number)).lock_exclusive().one(transaction);
    let mut found = find().await?;
    if found.is_none() {
        let category = first_category(transaction, change.tenant).await?;
        let new = ActiveModel {
            tenant_id: Set(change.tenant),
            prospect_id: Set(prospect),
            client_id: Set(client),
            category_id: Set(category),
            category_changed_at: Set(category.map(|_| call.now())),
            ..Default::default()
        };
        // Two notes at the same time make one follow-up.
        let on_conflict = OnConflict::column(column).do_nothing().to_owned();
        Entity::insert(new).on_conflict(on_conflict).exec_without_returning(transaction).await?;
        found = find().await?;
    }
    let found = found.ok_or_else(|| DbErr::RecordNotFound("a follow-up".into()))?;
    let (now_in, first_contact_at) = (found.category_id, found.first_contact_at);
    let mut row = found.into_active_model();
    if let Some(category) = change.category.filter(|category| Some(*category) != now_in) {
        row.category_id = Set(Some(category));
        row.category_changed_at = Set(Some(call.now()));
    }
    if let Some(instant) = change.contacted_at {
        row.first_contact_at = Set(first_contact_at.or(Some(instant)));
        row.last_contact_at = Set(Some(instant));
    }
    if row.is_changed() {
        row.update(transaction).await?;
    }
    Ok(())
}
