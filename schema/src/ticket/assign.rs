//! The mutation assignTicket.

use futures_util::future::BoxFuture;
use groupgraph_entities::ticket::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    error::{Code, Error},
    events::ChangeKind,
    notification::{self, To},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Gives a ticket to somebody who works here, or takes it from everybody.
pub(super) fn assign_ticket<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let ticket = call.required(&transaction, "ticket", "Ticket").await?;
        let assignee = call.reference(&transaction, "assignee", "Staff").await?;
        assign(call, &transaction, ticket, assignee).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("ticket", ticket))
    })
}

pub(super) async fn assign(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    number: i64,
    assignee: Option<i64>,
) -> Result<(), Failure> {
    let found = Entity::find_by_id(number).one(transaction).await?;
    let ticket = found.ok_or_else(|| Error::internal("the ticket to assign is gone"))?;
    Entity::update_many()
        .col_expr(Column::AssigneeId, Expr::value(assignee))
        .col_expr(Column::UpdatedAt, Expr::value(call.now()))
        .filter(Column::Id.eq(number))
        .exec(transaction)
        .await?;
    call.changed(ChangeKind::Updated, "Ticket", number);
    let Some(assignee) = assignee else { return Ok(()) };
    let text = format!("The ticket \u{201c}{}\u{201d} is yours now.", ticket.subject);
    if notification::notify(call, transaction, To::Staff(assignee), &text, ("Ticket", number)).await? == 0 {
        return Err(fault(Code::Invalid, "assignee", "This person does not work here any more."));
    }
    Ok(())
}
