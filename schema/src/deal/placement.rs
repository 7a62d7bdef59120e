//! Where a deal or a lead stands: a pipeline of its company, and a stage of that pipeline.

use groupgraph_entities::{pipeline, stage};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, sea_query::NullOrdering,
};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Failure, fault},
};

/// A pipeline and a stage, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub pipeline: Option<i64>,
    pub stage: Option<i64>,
}

/// Checks the pipeline and stage of a draft against one another and against where the row stands now. A stage
/// without a pipeline brings its own; a new pipeline without a stage leaves the stage open. Returns where the row
/// will stand and puts it into the draft.
///
/// # Errors
/// `INVALID` on `stage` or `pipeline`.
pub(crate) async fn settle(db: &impl ConnectionTrait, draft: &mut Draft, now: Place) -> Result<Place, Failure> {
    let pipeline = check::integer_after(draft, "pipeline_id", now.pipeline);
    let mut place = Place { pipeline, stage: None };
    if let Some(number) = draft.integer("stage_id") {
        let own = stage::Entity::find_by_id(number).one(db).await?.map(|stage| stage.pipeline_id);
        let is_cleared = draft.values.contains_key("pipeline_id") && pipeline.is_none() && !draft.is_new();
        if own.is_none() || is_cleared || pipeline.is_some_and(|pipeline| Some(pipeline) != own) {
            return Err(fault(Code::Invalid, "stage", "The stage is none of the pipeline."));
        }
        place = Place { pipeline: own, stage: Some(number) };
    } else if pipeline == now.pipeline && !draft.values.contains_key("stage_id") {
        place.stage = now.stage;
    }
    if place.pipeline != now.pipeline {
        // A pipeline that the input names has been checked; one that a stage brings has not.
        if draft.integer("pipeline_id").is_none() {
            belongs(db, place.pipeline, draft.tenant).await?;
        }
        draft.set("pipeline_id", place.pipeline);
    }
    if place.stage != now.stage {
        draft.set("stage_id", place.stage);
    }
    Ok(place)
}

async fn belongs(db: &impl ConnectionTrait, number: Option<i64>, tenant: Option<i64>) -> Result<(), Failure> {
    let (Some(number), Some(tenant)) = (number, tenant) else { return Ok(()) };
    let found = pipeline::Entity::find_by_id(number).one(db).await?;
    if found.is_none_or(|pipeline| pipeline.tenant_id != tenant) {
        return Err(fault(Code::Invalid, "stage", "It is one of another company."));
    }
    Ok(())
}

/// The first pipeline of a company and its first stage.
pub(crate) async fn first(db: &impl ConnectionTrait, tenant: i64) -> Result<Place, DbErr> {
    let pipeline = pipeline::Entity::find()
        .filter(pipeline::Column::TenantId.eq(tenant))
        .order_by_with_nulls(pipeline::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(pipeline::Column::Id)
        .one(db)
        .await?;
    let Some(pipeline) = pipeline else { return Ok(Place::default()) };
    let stage = first_stage(db, pipeline.id, None).await?;
    Ok(Place { pipeline: Some(pipeline.id), stage })
}

/// The first stage of a pipeline, or the first one of a phase.
pub(crate) async fn first_stage(
    db: &impl ConnectionTrait,
    pipeline: i64,
    phase: Option<&str>,
) -> Result<Option<i64>, DbErr> {
    let mut stages = stage::Entity::find().filter(stage::Column::PipelineId.eq(pipeline));
    if let Some(phase) = phase {
        stages = stages.filter(stage::Column::Phase.eq(phase));
    }
    let stage = stages
        .order_by_with_nulls(stage::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(stage::Column::Id)
        .one(db)
        .await?;
    Ok(stage.map(|stage| stage.id))
}
