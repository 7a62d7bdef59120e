//! The open deal that is written with its client: that of the client is changed, or one is opened.

use async_graphql::Value;
use groupgraph_entities::{client, deal, pipeline, stage};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, Order, QueryFilter, QueryOrder, Set,
    sea_query::NullOrdering,
};

use crate::{
    amount,
    company::Company,
    error::Error,
    events::ChangeKind,
    members,
    verb::{Call, Failure},
};

const OPEN: &str = "OPEN";

/// Writes the open deal of a client.
///
/// # Errors
/// Faults of `deal.value` and `deal.expectedCloseOn`.
pub(super) async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    company: &Company,
    client: &client::Model,
    input: &Value,
) -> Result<(), Failure> {
    let value = members::present(input, "value")
        .map(|value| amount::read(value, "deal.value", &company.currency))
        .transpose()?;
    let (minor, currency) = value.map(|value| (value.minor, value.currency)).unzip();
    let closes_on = members::day(input, "expectedCloseOn", "deal.expectedCloseOn")?;
    let row = deal::ActiveModel {
        value_minor: members::column(input, "value", minor),
        value_currency: members::column(input, "value", currency),
        expected_close_on: members::column(input, "expectedCloseOn", closes_on),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    let found = deal::Entity::find()
        .filter(deal::Column::ClientId.eq(client.id))
        .filter(deal::Column::Status.eq(OPEN))
        .order_by_desc(deal::Column::CreatedAt)
        .one(tx)
        .await?;
    match found {
        Some(deal) => {
            deal::ActiveModel { id: Set(deal.id), ..row }.update(tx).await?;
            call.changed(ChangeKind::Updated, "Deal", deal.id);
        }
        None => open(call, tx, client, row).await?,
    }
    Ok(())
}

async fn open(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    client: &client::Model,
    row: deal::ActiveModel,
) -> Result<(), Error> {
    let (pipeline, stage) = place(tx, client.tenant_id).await?;
    let row = deal::ActiveModel {
        tenant_id: Set(client.tenant_id),
        title: Set(client.name.clone()),
        status: Set(OPEN.to_owned()),
        pipeline_id: Set(pipeline),
        stage_id: Set(stage),
        client_id: Set(Some(client.id)),
        owner_id: Set(client.owner_id.or(call.viewer.staff)),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        ..row
    };
    let number = row.insert(tx).await?.id;
    call.changed(ChangeKind::Created, "Deal", number);
    Ok(())
}

/// The first stage of the company's first pipeline.
async fn place(tx: &DatabaseTransaction, tenant: i64) -> Result<(Option<i64>, Option<i64>), Error> {
    let pipeline = pipeline::Entity::find()
        .filter(pipeline::Column::TenantId.eq(tenant))
        .order_by_with_nulls(pipeline::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(pipeline::Column::Id)
        .one(tx)
        .await?;
    let Some(pipeline) = pipeline else { return Ok((None, None)) };
    let stage = stage::Entity::find()
        .filter(stage::Column::PipelineId.eq(pipeline.id))
        .order_by_with_nulls(stage::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(stage::Column::Id)
        .one(tx)
        .await?;
    Ok((Some(pipeline.id), stage.map(|stage| stage.id)))
}
