//! The mutation mapStaff.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::staff_mapping;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, Set};

use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Says which account at a company is a person's. The same account again only changes the role there.
pub(super) fn map_staff<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let staff = call.required(&transaction, "staff", "Staff").await?;
        let tenant = call.required(&transaction, "tenant", "Tenant").await?;
        let mapping = map(call, &transaction, staff, tenant).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("mapping", mapping))
    })
}

pub(super) async fn map(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    staff: i64,
    tenant: i64,
) -> Result<i64, Failure> {
    let remote = match call.member("remoteStaffNumber") {
        Some(Value::Number(number)) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
        _ => None,
    };
    let wrong = || fault(Code::Invalid, "remoteStaffNumber", "The number there is at least 1.");
    let remote = remote.filter(|number| *number > 0).ok_or_else(wrong)?;
    let found = staff_mapping::Entity::find()
        .filter(staff_mapping::Column::TenantId.eq(tenant))
        .filter(staff_mapping::Column::RemoteStaffNumber.eq(remote))
        .one(transaction)
        .await?;
    let role = call.text("role").map(str::trim).filter(|role| !role.is_empty()).map(str::to_owned);
    let Some(mapping) = found else {
        let row = staff_mapping::ActiveModel {
            staff_id: Set(staff),
            tenant_id: Set(tenant),
            remote_staff_number: Set(remote),
            role: Set(role),
            ..Default::default()
        };
        let number = row.insert(transaction).await?.id;
        call.changed(ChangeKind::Created, "StaffMapping", number);
        return Ok(number);
    };
    if mapping.staff_id != staff {
        return Err(fault(Code::WrongState, "remoteStaffNumber", "This account there is somebody else's."));
    }
    let number = mapping.id;
    if call.member("role").is_some() && mapping.role != role {
        let mut row = mapping.into_active_model();
        row.role = Set(role);
        row.update(transaction).await?;
        call.changed(ChangeKind::Updated, "StaffMapping", number);
    }
    Ok(number)
}
