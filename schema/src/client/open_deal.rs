//! The open deal that is written with its client: that of the client is changed, or one is opened.

use async_graphql::Value;
use groupgraph_entities::{client, deal};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::{
    amount,
    company::Company,
    deal::{outcome::OPEN, placement},
    error::Error,
    events::ChangeKind,
    members,
    verb::{Call, Failure},
};

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
    let place = placement::first(tx, client.tenant_id).await?;
    let row = deal::ActiveModel {
        tenant_id: Set(client.tenant_id),
        title: Set(client.name.clone()),
        status: Set(OPEN.to_owned()),
        pipeline_id: Set(place.pipeline),
        stage_id: Set(place.stage),
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
