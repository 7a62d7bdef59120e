//! Rules of roles, and what one may hand out.

use std::collections::BTreeSet;

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::role;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};

use crate::{
    check as common,
    error::Code,
    permission,
    rule::Draft,
    verb::{Call, Failure, fault},
    viewer::Viewer,
};

/// A role has a name and words that exist; new ones are words that its maker holds.
pub(super) fn check<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        common::filled(draft, "name", "name")?;
        let Some(Value::List(words)) = call.member("permissions") else { return Ok(()) };
        let held = match draft.number {
            Some(number) => words_of(transaction, number).await?,
            None => BTreeSet::new(),
        };
        let mut asked = BTreeSet::new();
        for (index, word) in words.iter().enumerate() {
            let Value::String(word) = word else { continue };
            let field = format!("permissions.{index}");
            if !permission::is_known(word) {
                return Err(fault(Code::UnknownValue, &field, format!("There is no permission {word}.")));
            }
            if !held.contains(word) && !call.viewer.may(word) {
                return Err(fault(Code::Forbidden, &field, format!("You do not hold the permission {word} yourself.")));
            }
            asked.insert(word.clone());
        }
        draft.set("permissions", serde_json::Value::from_iter(asked));
        Ok(())
    })
}

/// Whether the viewer holds every word of a role.
pub(super) async fn is_within(
    viewer: &Viewer,
    transaction: &DatabaseTransaction,
    number: Option<i64>,
) -> Result<bool, DbErr> {
    let Some(number) = number else { return Ok(true) };
    Ok(words_of(transaction, number).await?.iter().all(|word| viewer.may(word)))
}

async fn words_of(transaction: &DatabaseTransaction, number: i64) -> Result<BTreeSet<String>, DbErr> {
    let role = role::Entity::find_by_id(number).one(transaction).await?;
    let words = role.map(|role| role.permissions).unwrap_or_default();
    let words = words.as_array().into_iter().flatten();
    Ok(words.filter_map(serde_json::Value::as_str).map(str::to_owned).collect())
}
