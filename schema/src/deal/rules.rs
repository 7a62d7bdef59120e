//! Rules of createDeal and updateDeal.

use futures_util::future::BoxFuture;
use groupgraph_entities::{deal, prospect};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect, Statement};

use super::{
    open::{push, title_for},
    outcome,
    placement::{self, Place},
};
use crate::{
    check,
    error::{Code, Error},
    members,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Fills in title, pipeline, stage and owner, and opens the deal.
pub(super) fn create<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        if let Some(number) = draft.integer("prospect_id") {
            let prospect = qualified(transaction, number).await?;
            if draft.text("title").is_none_or(|title| title.trim().is_empty()) {
                draft.set("title", title_for(&prospect.name));
            }
        }
        check::filled(draft, "title", "title")?;
        let mut place = placement::settle(transaction, draft, Place::default()).await?;
        if let (None, Some(tenant)) = (place.pipeline, draft.tenant) {
            place = placement::first(transaction, tenant).await?;
        } else if let (Some(pipeline), None) = (place.pipeline, place.stage) {
            place.stage = placement::first_stage(transaction, pipeline, None).await?;
        }
        draft.set("pipeline_id", place.pipeline);
        draft.set("stage_id", place.stage);
        possible(draft)?;
        draft.default("owner_id", call.viewer.staff);
        draft.set("status", outcome::OPEN);
        Ok(())
    })
}

/// Moves, closes or just changes a deal.
pub(super) fn update<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let found = deal::Entity::find_by_id(draft.written()).lock_exclusive().one(transaction).await?;
        let deal = found.ok_or_else(|| Error::internal("the deal to change is gone"))?;
        check::filled(draft, "title", "title")?;
        possible(draft)?;
        if let Some(number) = draft.integer("prospect_id").filter(|number| Some(*number) != deal.prospect_id) {
            qualified(transaction, number).await?;
        }
        let phase = call.text("phase");
        let status = outcome::asked(draft.text("status"), phase)?.map(str::to_owned);
        if deal.status != outcome::OPEN {
            if members::flag(call.input, "mustBeOpen") == Some(true) {
                return Err(outcome::closed("deal"));
            }
            return outcome::stays_closed(&deal, draft, phase);
        }
        let now = Place { pipeline: deal.pipeline_id, stage: deal.stage_id };
        let place = placement::settle(transaction, draft, now).await?;
        if let Some(phase) = phase.filter(|phase| !outcome::is_final(phase)) {
            move_to_phase(transaction, draft, place, phase).await?;
        } else if let (Some(pipeline), None, false) = (place.pipeline, place.stage, place.pipeline == now.pipeline) {
            draft.set("stage_id", placement::first_stage(transaction, pipeline, None).await?);
        }
        if let Some(status) = status.filter(|status| outcome::is_final(status)) {
            outcome::close(draft, &status, call.now());
            call.happened(outcome::event(&status), draft.written());
        }
        Ok(())
    })
}

/// The owner is also a member, whatever the list says.
pub(super) fn keep_owner_member<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let sql = "INSERT INTO deal_member (deal_id, staff_id) \
                   SELECT id, owner_id FROM deal WHERE id = $1 AND owner_id IS NOT NULL ON CONFLICT DO NOTHING";
        let backend = transaction.get_database_backend();
        transaction.execute_raw(Statement::from_sql_and_values(backend, sql, [draft.written().into()])).await?;
        // Only a new deal names its prospect here.
        if let (Some(tenant), Some(_)) = (draft.tenant, draft.integer("prospect_id")) {
            push(call, transaction, tenant, draft.written()).await?;
        }
        Ok(())
    })
}

async fn move_to_phase(
    transaction: &DatabaseTransaction,
    draft: &mut Draft,
    place: Place,
    phase: &str,
) -> Result<(), Failure> {
    if draft.integer("stage_id").is_some() {
        return Err(fault(Code::Invalid, "phase", "Name the stage or the phase, not both."));
    }
    let stage = match place.pipeline {
        Some(pipeline) => placement::first_stage(transaction, pipeline, Some(phase)).await?,
        None => None,
    };
    let none = || fault(Code::Invalid, "phase", "The pipeline of the deal has no stage of this phase.");
    draft.set("stage_id", Some(stage.ok_or_else(none)?));
    Ok(())
}

async fn qualified(transaction: &DatabaseTransaction, number: i64) -> Result<prospect::Model, Failure> {
    let found = prospect::Entity::find_by_id(number).one(transaction).await?;
    let prospect = found.ok_or_else(|| fault(Code::NotFound, "prospect", "There is no such prospect."))?;
    if !matches!(prospect.lifecycle.as_str(), "QUALIFIED" | "CONVERTED") {
        return Err(fault(Code::WrongState, "prospect", "Qualify the prospect first."));
    }
    Ok(prospect)
}

fn possible(draft: &Draft) -> Result<(), Failure> {
    if draft.integer("probability").is_some_and(|percent| !(0..=100).contains(&percent)) {
        return Err(fault(Code::Invalid, "probability", "A probability is 0 to 100 percent."));
    }
    Ok(())
}
