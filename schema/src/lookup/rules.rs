//! Rules of saveLookupValue and saveCustomField.

use futures_util::future::BoxFuture;
use groupgraph_entities::custom_field;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A value has a name and a list.
pub(super) fn check_value<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "name", "name")?;
        let is_asked = draft.is_new() || draft.values.contains_key("category_id");
        if is_asked && draft.integer("category_id").is_none() {
            return Err(fault(Code::Required, "category", "Say which list the value is for."));
        }
        Ok(())
    })
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
