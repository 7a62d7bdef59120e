//! The mutation closeTicket.

use futures_util::future::BoxFuture;
use groupgraph_entities::ticket::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// The status of a ticket that nobody works on any more.
pub(super) const CLOSED: &str = "CLOSED";

/// Closes a ticket once.
pub(super) fn close_ticket<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let ticket = call.required(&transaction, "ticket", "Ticket").await?;
        close(call, &transaction, ticket).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("ticket", ticket))
    })
}

pub(super) async fn close(call: &Call<'_>, transaction: &DatabaseTransaction, ticket: i64) -> Result<(), Failure> {
    let closed = Entity::update_many()
        .col_expr(Column::Status, Expr::value(CLOSED))
        .col_expr(Column::ClosedAt, Expr::value(call.now()))
        .col_expr(Column::UpdatedAt, Expr::value(call.now()))
        .filter(Column::Id.eq(ticket))
        .filter(Column::Status.ne(CLOSED))
        .exec(transaction)
        .await?;
    if closed.rows_affected == 0 {
        return Err(fault(Code::WrongState, "ticket", "The ticket is closed already."));
    }
    call.changed(ChangeKind::Updated, "Ticket", ticket);
    Ok(())
}
