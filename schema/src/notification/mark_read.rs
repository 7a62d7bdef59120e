//! The mutation markNotificationsRead.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::notification::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};

use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

/// Ticks off the named messages of the viewer, or all of them.
pub(super) fn mark_notifications_read<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let Some(viewer) = call.viewer.staff else {
            return Err(fault(Code::Forbidden, "", "Only people have notifications."));
        };
        let transaction = call.begin().await?;
        let unread = Entity::find().filter(Column::RecipientId.eq(viewer)).filter(Column::IsRead.eq(false));
        let mut marked = unread.clone();
        if let Some(Value::List(named)) = call.member("notifications") {
            let mut numbers = Vec::with_capacity(named.len());
            for (index, value) in named.iter().enumerate() {
                let field = format!("notifications.{index}");
                numbers.push(call.resolve(&transaction, value, &field, "Notification").await?);
            }
            marked = marked.filter(Column::Id.is_in(numbers));
        }
        let marked: Vec<i64> = marked.select_only().column(Column::Id).into_tuple().all(&transaction).await?;
        Entity::update_many()
            .col_expr(Column::IsRead, Expr::value(true))
            .filter(Column::Id.is_in(marked.iter().copied()))
            .exec(&transaction)
            .await?;
        for number in marked {
            call.changed(ChangeKind::Updated, "Notification", number);
        }
        let count = unread.count(&transaction).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().plain("unreadCount", count))
    })
}
