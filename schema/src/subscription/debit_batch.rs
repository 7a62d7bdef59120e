//! Days whose debit orders were handed in: what is billed less often than monthly cannot start on one of them.

use chrono::{Days, NaiveDate};
use futures_util::future::BoxFuture;
use groupgraph_entities::{debit_batch, lookup_value};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Set};

use crate::{
    choice, company,
    error::{Code, Error, UserError},
    events::ChangeKind,
    members,
    verb::{Call, Outcome, Payload, fault},
};

/// Days that a start should lie ahead.
const MARGIN: u64 = 12;

/// `submitDebitBatch`.
pub(super) fn submit<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tenant = company::own(call.hub, call.viewer)?;
        let tx = call.begin().await?;
        let unit = members::present(call.input, "unit").ok_or_else(|| fault(Code::Required, "unit", "Say which."))?;
        let unit = choice::choose(call, &tx, unit, "unit", "Product Units").await?;
        let run_on = members::day(call.input, "runOn", "runOn")?;
        let run_on = run_on.ok_or_else(|| fault(Code::Required, "runOn", "Give the day."))?;
        if is_submitted(&tx, tenant, unit, run_on).await? {
            return Err(fault(Code::WrongState, "runOn", "The debit orders of that day were handed in already."));
        }
        let row = debit_batch::ActiveModel {
            tenant_id: Set(tenant),
            unit_id: Set(unit),
            run_on: Set(run_on),
            submitted_by_id: Set(call.viewer.staff),
            submitted_at: Set(call.now()),
            ..Default::default()
        };
        let number = row.insert(&tx).await?.id;
        call.changed(ChangeKind::Created, "DebitBatch", number);
        call.commit(tx).await?;
        Ok(Payload::new().row("debitBatch", number))
    })
}

async fn is_submitted(tx: &DatabaseTransaction, tenant: i64, unit: i64, day: NaiveDate) -> Result<bool, Error> {
    let found = debit_batch::Entity::find()
        .filter(debit_batch::Column::TenantId.eq(tenant))
        .filter(debit_batch::Column::UnitId.eq(unit))
        .filter(debit_batch::Column::RunOn.eq(day));
    Ok(found.count(tx).await? > 0)
}

/// The fault of a start day whose debit orders were handed in. A day that is near is only told to the operators.
///
/// # Errors
/// The database is out of reach.
pub async fn fault_of_start(
    tx: &DatabaseTransaction,
    (tenant, unit): (i64, i64),
    (start_on, today): (NaiveDate, NaiveDate),
    path: &str,
) -> Result<Option<UserError>, Error> {
    let Some(value) = lookup_value::Entity::find_by_id(unit).one(tx).await? else { return Ok(None) };
    let months = value.details.as_ref().and_then(|details| details.get("months")?.as_u64());
    if months.is_none_or(|months| months <= 1) {
        return Ok(None);
    }
    if is_submitted(tx, tenant, unit, start_on).await? {
        let message = "The debit orders of that day were handed in already.";
        return Ok(Some(UserError::new(Code::WrongState, path, message)));
    }
    if start_on < today + Days::new(MARGIN) {
        tracing::warn!(%start_on, unit = value.name, "a subscription starts less than {MARGIN} days ahead");
    }
    Ok(None)
}
