//! Rules of createLead and updateLead.

use futures_util::future::BoxFuture;
use groupgraph_entities::{lead, lead_status};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::NullOrdering,
};

use crate::{
    check,
    deal::placement::{self, Place},
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Fills in name, status and owner, and opens the lead.
pub(super) fn create<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        name(draft, None)?;
        placement::settle(transaction, draft, Place::default()).await?;
        if let (None, Some(tenant)) = (draft.integer("status_id"), draft.tenant) {
            let status = first_status(transaction, tenant, false).await?;
            draft.set("status_id", status);
        }
        draft.default("owner_id", call.viewer.staff);
        draft.set("state", "OPEN");
        Ok(())
    })
}

/// Keeps name and state in order.
pub(super) fn update<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let found = lead::Entity::find_by_id(draft.written()).lock_exclusive().one(transaction).await?;
        let lead = found.ok_or_else(|| Error::internal("the lead to change is gone"))?;
        if let Some(state) = draft.text("state").filter(|state| *state != lead.state) {
            if lead.state == "CONVERTED" {
                return Err(fault(Code::WrongState, "state", "The lead was converted, and that is final."));
            }
            if state == "CONVERTED" {
                return Err(fault(Code::Invalid, "state", "Convert the lead into a client or a prospect instead."));
            }
        }
        name(draft, Some(&lead))?;
        let mut now = Place { pipeline: lead.pipeline_id, stage: lead.stage_id };
        if !draft.values.contains_key("pipeline_id") && draft.integer("stage_id").is_some() {
            // A stage alone brings its pipeline.
            now.pipeline = None;
        }
        placement::settle(transaction, draft, now).await?;
        Ok(())
    })
}

/// The first status of a company, by position: that of converted leads, or of those that are worked.
pub(crate) async fn first_status(
    transaction: &DatabaseTransaction,
    tenant: i64,
    is_client_status: bool,
) -> Result<Option<i64>, DbErr> {
    let found = lead_status::Entity::find()
        .filter(lead_status::Column::TenantId.eq(tenant))
        .filter(lead_status::Column::IsClientStatus.eq(is_client_status))
        .order_by_with_nulls(lead_status::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(lead_status::Column::Id)
        .one(transaction)
        .await?;
    Ok(found.map(|status| status.id))
}

/// The name of a person from its parts; none if there are none.
pub(super) fn person(parts: [Option<&str>; 3]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn name(draft: &mut Draft, now: Option<&lead::Model>) -> Result<(), Failure> {
    let after = |column, read: fn(&lead::Model) -> Option<&str>| check::text_after(draft, column, now.and_then(read));
    let given = after("given_name", |lead| lead.given_name.as_deref());
    let middle = after("middle_name", |lead| lead.middle_name.as_deref());
    let family = after("family_name", |lead| lead.family_name.as_deref());
    let name = person([given.as_deref(), middle.as_deref(), family.as_deref()])
        .or_else(|| after("company_name", |lead| lead.company_name.as_deref()))
        .or_else(|| after("email", |lead| lead.email.as_deref()))
        .or_else(|| after("phone", |lead| lead.phone.as_deref()));
    let Some(name) = name else {
        return Err(fault(Code::Required, "", "A lead needs a name, a company, an e-mail address or a phone number."));
    };
    draft.set("name", name);
    Ok(())
}
