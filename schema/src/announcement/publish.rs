//! The mutation publishAnnouncement.

use futures_util::future::BoxFuture;
use groupgraph_entities::announcement::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    error::{Code, Error},
    events::ChangeKind,
    notification::{self, To},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Shows a draft to the staff of its company and tells each of them.
pub(super) fn publish_announcement<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let announcement = call.required(&transaction, "announcement", "Announcement").await?;
        publish(call, &transaction, announcement).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("announcement", announcement))
    })
}

pub(super) async fn publish(call: &Call<'_>, transaction: &DatabaseTransaction, number: i64) -> Result<(), Failure> {
    let published = Entity::update_many()
        .col_expr(Column::IsPublished, Expr::value(true))
        .col_expr(Column::PublishedAt, Expr::value(call.now()))
        .col_expr(Column::UpdatedAt, Expr::value(call.now()))
        .filter(Column::Id.eq(number))
        .filter(Column::IsPublished.eq(false))
        .filter(Column::DeletedAt.is_null())
        .exec(transaction)
        .await?;
    if published.rows_affected == 0 {
        return Err(fault(Code::WrongState, "announcement", "The announcement is published already."));
    }
    let found = Entity::find_by_id(number).one(transaction).await?;
    let announcement = found.ok_or_else(|| Error::internal("the published announcement is gone"))?;
    let (to, subject) = (To::Tenant(announcement.tenant_id), ("Announcement", number));
    notification::notify(call, transaction, to, &announcement.title, subject).await?;
    call.changed(ChangeKind::Updated, "Announcement", number);
    Ok(())
}
