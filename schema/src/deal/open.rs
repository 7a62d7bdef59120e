//! Deals that other verbs open.

use groupgraph_entities::{deal, deal_member};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, Set};

use super::{outcome, placement};
use crate::{error::Error, events::ChangeKind, halopsa, verb::Call};

/// A deal with a prospect, to be worked from the first stage on.
pub(crate) struct Opening {
    pub tenant: i64,
    pub prospect: i64,
    pub prospect_name: String,
    pub owner: Option<i64>,
    pub source: Option<i64>,
    /// Minor units and currency.
    pub value: Option<(i64, String)>,
}

/// The title of a deal that nobody gave one.
pub(crate) fn title_for(prospect: &str) -> String {
    format!("Deal with {prospect}")
}

/// Opens a deal and returns its number.
///
/// # Errors
/// The database refused it.
pub(crate) async fn open(call: &Call<'_>, transaction: &DatabaseTransaction, opening: Opening) -> Result<i64, Error> {
    let place = placement::first(transaction, opening.tenant).await?;
    let (value_minor, value_currency) = opening.value.unzip();
    let row = deal::ActiveModel {
        tenant_id: Set(opening.tenant),
        title: Set(title_for(&opening.prospect_name)),
        value_minor: Set(value_minor),
        value_currency: Set(value_currency),
        status: Set(outcome::OPEN.to_owned()),
        pipeline_id: Set(place.pipeline),
        stage_id: Set(place.stage),
        source_id: Set(opening.source),
        owner_id: Set(opening.owner),
        prospect_id: Set(Some(opening.prospect)),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    let deal = row.insert(transaction).await?.id;
    if let Some(owner) = opening.owner {
        deal_member::ActiveModel { deal_id: Set(deal), staff_id: Set(owner) }.insert(transaction).await?;
    }
    call.changed(ChangeKind::Created, "Deal", deal);
    push(call, transaction, opening.tenant, deal).await?;
    Ok(deal)
}

/// A deal with a prospect is also one of the system of record, if there is one.
///
/// # Errors
/// The database refused it.
pub(crate) async fn push(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    tenant: i64,
    deal: i64,
) -> Result<(), Error> {
    if let Some(pushes) = halopsa::Pushes::of_company(call.hub, transaction, tenant).await? {
        pushes.push(call, transaction, (tenant, "Deal", deal), 0.0).await?;
    }
    Ok(())
}
