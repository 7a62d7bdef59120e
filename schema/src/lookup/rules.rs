//! Rules of saveLookupValue and saveCustomField.

use futures_util::future::BoxFuture;
use groupgraph_entities::{custom_field, lookup_category, lookup_value};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A value has a name and a list, and gets the next number of its list.
pub(super) fn check_value<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "name", "name")?;
        let is_asked = draft.is_new() || draft.values.contains_key("category_id");
        if is_asked && draft.integer("category_id").is_none() {
            return Err(fault(Code::Required, "category", "Say which list the value is for."));
        }
        if let Some(category) = draft.integer("category_id") {
            let before = match draft.number {
                Some(number) => lookup_value::Entity::find_by_id(number).one(tx).await?.map(|row| row.category_id),
                None => None,
            };
            if before != Some(category) {
                let number = next_number(tx, category).await?;
                draft.set("list_number", number);
            }
        }
        Ok(())
    })
}

/// The number after the highest of a list. Whoever asks for the same list waits until the transaction ends.
async fn next_number(tx: &DatabaseTransaction, category: i64) -> Result<i32, DbErr> {
    lookup_category::Entity::find_by_id(category).lock_exclusive().one(tx).await?;
    let highest = lookup_value::Entity::find()
        .filter(lookup_value::Column::CategoryId.eq(category))
        .filter(lookup_value::Column::ListNumber.is_not_null())
        .order_by_desc(lookup_value::Column::ListNumber)
        .one(tx)
        .await?;
    Ok(highest.and_then(|row| row.list_number).unwrap_or(0) + 1)
}

/// A custom field has a name, and what it holds of what is settled once.
pub(super) fn check_field<'a>(
    _: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "name", "name")?;
        check::filled(draft, "kind", "kind")?;
        check::filled(draft, "subject", "subject")?;
        let Some(number) = draft.number else { return Ok(()) };
        let Some(now) = custom_field::Entity::find_by_id(number).one(transaction).await? else { return Ok(()) };
        for (column, now) in [("kind", now.kind), ("subject", now.subject)] {
            if draft.text(column).is_some_and(|asked| asked != now) {
                return Err(fault(Code::WrongState, column, "A field can only be renamed; rows hold values of it."));
            }
        }
        Ok(())
    })
}
