//! Rules of deleting what staff hold: people who left do not hold it.

use futures_util::future::BoxFuture;
use groupgraph_entities::{staff, staff_department};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Query};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Before a role goes.
pub(super) fn release_role<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { Ok(check::release(transaction, "staff", &["role_id"], draft.written()).await?) })
}

/// Before a position goes.
pub(super) fn release_position<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move { Ok(check::release(transaction, "staff", &["position_id"], draft.written()).await?) })
}

/// Before a department goes. The database would end its memberships without a word, so this asks for them.
pub(super) fn release_department<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let present = Query::select()
            .column(staff::Column::Id)
            .from(staff::Entity)
            .and_where(staff::Column::DeletedAt.is_null())
            .to_owned();
        let members = staff_department::Entity::find()
            .filter(staff_department::Column::DepartmentId.eq(draft.written()))
            .filter(staff_department::Column::StaffId.in_subquery(present))
            .count(transaction)
            .await?;
        if members > 0 {
            return Err(fault(Code::WrongState, "department", "People belong to the department."));
        }
        Ok(())
    })
}
