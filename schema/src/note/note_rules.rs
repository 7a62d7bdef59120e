//! Rules of addNote and updateNote.

use async_graphql::Value;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use groupgraph_entities::{client, follow_up_category, lead, note, prospect};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use super::follow_up::{self, Move, Party};
use crate::{
    check,
    engine::compare,
    error::{Code, Error},
    events::ChangeKind,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A note belongs to exactly one party, and to the company of that party.
pub(super) fn add<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "text", "text")?;
        let party = party(draft)?;
        let tenant = tenant_of(transaction, party).await?;
        draft.tenant = Some(tenant);
        if let Some(category) = draft.integer("follow_up_category_id") {
            if matches!(party, Party::Lead(_)) {
                let message = "Only prospects and clients are followed up by category.";
                return Err(fault(Code::Invalid, "followUpCategory", message));
            }
            let found = follow_up_category::Entity::find_by_id(category).one(transaction).await?;
            if found.is_none_or(|found| found.tenant_id != tenant) {
                return Err(fault(Code::Invalid, "followUpCategory", "The category is one of another company."));
            }
        }
        contacted_at(call, tenant).map(drop)
    })
}

/// Moves the follow-up and the time of last contact.
pub(super) fn move_party<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let (party, category) = (party(draft)?, draft.integer("follow_up_category_id"));
        let tenant = draft.tenant.ok_or_else(|| Error::internal("a note without a company"))?;
        let contacted_at = contacted_at(call, tenant)?;
        if category.is_none() && contacted_at.is_none() {
            return Ok(());
        }
        if let Party::Lead(number) = party {
            lead::Entity::update_many()
                .col_expr(lead::Column::LastContactedAt, Expr::value(contacted_at))
                .col_expr(lead::Column::UpdatedAt, Expr::value(call.now()))
                .filter(lead::Column::Id.eq(number))
                .exec(transaction)
                .await?;
        } else {
            follow_up::apply(call, transaction, Move { tenant, party, category, contacted_at }).await?;
        }
        let (of, number) = party.named();
        call.changed(ChangeKind::Updated, of, number);
        Ok(())
    })
}

/// A note stays with its party; if the input names one, it must be that.
pub(super) fn update<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "text", "text")?;
        let named = call.member("party").filter(|party| **party != Value::Null);
        let kind = call.text("partyKind");
        if named.is_none() && kind.is_none() {
            return Ok(());
        }
        let found = note::Entity::find_by_id(draft.written()).one(transaction).await?;
        let note = found.ok_or_else(|| Error::internal("the note to change is gone"))?;
        let party = Party::of([note.lead_id, note.prospect_id, note.client_id])
            .ok_or_else(|| Error::internal("a note without a party"))?;
        let (of, number) = party.named();
        let other = || fault(Code::NotFound, "party", "There is no such note of this party.");
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case(of)) {
            return Err(other());
        }
        let Some(value) = named else { return Ok(()) };
        let is_by_id = matches!(value, Value::Object(members) if members.contains_key("id"));
        if kind.is_none() && !is_by_id {
            return Err(fault(Code::Required, "partyKind", "Say of which kind the party is."));
        }
        if call.resolve(transaction, value, "party", of).await? != number {
            return Err(other());
        }
        Ok(())
    })
}

fn party(draft: &Draft) -> Result<Party, Failure> {
    let numbers = ["lead_id", "prospect_id", "client_id"].map(|column| draft.integer(column));
    match numbers.iter().flatten().count() {
        0 => Err(fault(Code::Required, "", "Say which lead, prospect or client the note is about.")),
        1 => Party::of(numbers).ok_or_else(|| Error::internal("a note without a party").into()),
        _ => Err(fault(Code::Invalid, "", "A note is about one lead, prospect or client only.")),
    }
}

async fn tenant_of(transaction: &DatabaseTransaction, party: Party) -> Result<i64, Failure> {
    let tenant = match party {
        Party::Lead(number) => lead::Entity::find_by_id(number).one(transaction).await?.map(|row| row.tenant_id),
        Party::Prospect(number) => {
            prospect::Entity::find_by_id(number).one(transaction).await?.map(|row| row.tenant_id)
        }
        Party::Client(number) => client::Entity::find_by_id(number).one(transaction).await?.map(|row| row.tenant_id),
    };
    tenant.ok_or_else(|| Error::internal("a party that is gone").into())
}

fn contacted_at(call: &Call<'_>, tenant: i64) -> Result<Option<DateTime<Utc>>, Failure> {
    let Some(text) = call.text("contactedAt") else { return Ok(None) };
    let instant = compare::parse_instant(text, call.hub.directory.time_zone(Some(tenant)));
    instant.map(Some).ok_or_else(|| fault(Code::InvalidDate, "contactedAt", "Write it like 2026-05-19T12:00:00Z."))
}
