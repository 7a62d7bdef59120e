//! Rules of createTask and updateTask.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{task, task_assignee};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, Set};

use crate::{
    check,
    rule::Draft,
    verb::{Call, Failure},
};

/// A task has a title, and does not end before it begins.
pub(super) fn check<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "title", "title")?;
        let now = match draft.number {
            Some(number) => task::Entity::find_by_id(number).one(transaction).await?,
            None => None,
        };
        let start = check::day_after(draft, "start_on", now.as_ref().and_then(|task| task.start_on));
        let due = check::day_after(draft, "due_on", now.as_ref().and_then(|task| task.due_on));
        check::in_order(start, due, "dueOn")
    })
}

/// A task that nobody is named for is the viewer's.
pub(super) fn assign_viewer<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let is_left_out = matches!(call.member("assignees"), None | Some(Value::Null));
        if let (true, Some(viewer)) = (is_left_out, call.viewer.staff) {
            let row = task_assignee::ActiveModel { task_id: Set(draft.written()), staff_id: Set(viewer) };
            row.insert(transaction).await?;
        }
        Ok(())
    })
}
