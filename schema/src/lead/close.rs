//! The end of a lead that became something else. Of two callers at the same time, one gets it.

use groupgraph_entities::lead::{Column, Entity, Model};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use super::rules;
use crate::{
    error::{Code, Error, UserError},
    events::ChangeKind,
    verb::{Call, Failure, fault},
};

/// Marks an open lead as converted and returns it. The update itself asks whether the lead is open: the database
/// lets a second caller wait for the first one and then find no open lead.
///
/// # Errors
/// `WRONG_STATE` if the lead is not open.
pub(super) async fn close(call: &Call<'_>, transaction: &DatabaseTransaction, number: i64) -> Result<Model, Failure> {
    let closed = Entity::update_many()
        .col_expr(Column::State, Expr::value("CONVERTED"))
        .col_expr(Column::ConvertedAt, Expr::value(call.now()))
        .col_expr(Column::UpdatedAt, Expr::value(call.now()))
        .filter(Column::Id.eq(number))
        .filter(Column::State.eq("OPEN"))
        .filter(Column::DeletedAt.is_null())
        .exec(transaction)
        .await?;
    if closed.rows_affected == 0 {
        return Err(fault(Code::WrongState, "lead", "Only an open lead can be converted."));
    }
    let lead = Entity::find_by_id(number).one(transaction).await?;
    let lead = lead.ok_or_else(|| Error::internal("the converted lead is gone"))?;
    if let Some(status) = rules::first_status(transaction, lead.tenant_id, true).await? {
        Entity::update_many()
            .col_expr(Column::StatusId, Expr::value(status))
            .filter(Column::Id.eq(number))
            .exec(transaction)
            .await?;
    }
    call.changed(ChangeKind::Updated, "Lead", number);
    Ok(lead)
}

/// Makes a closed lead point to what it became.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn link(
    transaction: &DatabaseTransaction,
    lead: i64,
    column: Column,
    number: i64,
) -> Result<(), Failure> {
    let update = Entity::update_many().col_expr(column, Expr::value(number)).filter(Column::Id.eq(lead));
    update.exec(transaction).await?;
    Ok(())
}

/// The refusal to make a second row with the lead's e-mail address.
pub(super) fn duplicate_email(of: &'static str, number: i64) -> Failure {
    let mut error = UserError::new(Code::DuplicateEmail, "lead", "Somebody with this e-mail address is there already.");
    error.conflicts_with = Some((of, number));
    error.into()
}
