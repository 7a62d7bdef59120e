//! Submissions: what was sold, under a reference by which it can be called back until its first payment.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use groupgraph_entities::{client, client_subscription, subscription_item, workflow_item};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use crate::{
    amount::Amount,
    error::{Code, Error},
    events::ChangeKind,
    members,
    verb::{Call, Outcome, Payload, fault},
};

/// Type of the rows.
const TYPE: &str = "WorkflowItem";

/// What is submitted.
pub(super) struct Submission {
    /// A value of `WorkflowKind`.
    pub kind: &'static str,
    pub subscription: i64,
    pub item: i64,
    pub billing_day: u32,
    /// Day of the first payment.
    pub due_on: NaiveDate,
    pub amount: Amount,
}

/// Writes a submission; answers its number.
///
/// # Errors
/// The database refused it.
pub(super) async fn submit(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    payer: &client::Model,
    submission: Submission,
) -> Result<i64, Error> {
    let row = workflow_item::ActiveModel {
        tenant_id: Set(payer.tenant_id),
        reference: Set(format!("wf-{}", Uuid::now_v7().simple())),
        kind: Set(submission.kind.to_owned()),
        subscription_id: Set(submission.subscription),
        item_id: Set(Some(submission.item)),
        billing_day: Set(i32::try_from(submission.billing_day).map_err(Error::internal)?),
        amount_minor: Set(Some(submission.amount.minor)),
        amount_currency: Set(Some(submission.amount.currency)),
        payer_name: Set(payer.name.clone()),
        due_on: Set(submission.due_on),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        ..Default::default()
    };
    let number = row.insert(tx).await?.id;
    call.changed(ChangeKind::Created, TYPE, number);
    Ok(number)
}

/// `cancelWorkflowItem`: the product goes, or the subscription stops.
pub(super) fn cancel<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let reference = members::words(call.input, "reference").unwrap_or_default();
        let tx = call.begin().await?;
        let found = workflow_item::Entity::find().filter(workflow_item::Column::Reference.eq(reference));
        let row = found.lock_exclusive().one(&tx).await?.filter(|row| call.viewer.sees_tenant(row.tenant_id));
        let row = row.ok_or_else(|| fault(Code::NotFound, "reference", "There is no such submission."))?;
        let today = call.hub.directory.today(call.now(), Some(row.tenant_id));
        if row.cancelled_at.is_some() || row.due_on <= today {
            return Err(fault(Code::WrongState, "reference", "It was called back already, or its payment is due."));
        }
        let changed = workflow_item::ActiveModel {
            id: Set(row.id),
            item_id: Set(if row.kind == "ADD_PRODUCT" { None } else { row.item_id }),
            cancelled_at: Set(Some(call.now())),
            ..Default::default()
        };
        changed.update(&tx).await?;
        if row.kind == "ADD_SUBSCRIPTION" {
            let stopped = client_subscription::ActiveModel {
                id: Set(row.subscription_id),
                status: Set("DISABLED".to_owned()),
                updated_at: Set(call.now()),
                ..Default::default()
            };
            stopped.update(&tx).await?;
        } else if let Some(item) = row.item_id {
            subscription_item::Entity::delete_by_id(item).exec(&tx).await?;
        }
        call.changed(ChangeKind::Updated, TYPE, row.id);
        call.changed(ChangeKind::Updated, "ClientSubscription", row.subscription_id);
        call.commit(tx).await?;
        Ok(Payload::new().row("workflowItem", row.id))
    })
}
