//! Drafts into the database by the rules of a mutation, whoever made the draft. It must not commit.

use sea_orm::DatabaseTransaction;

use super::write;
use crate::{
    engine::MODEL,
    registry,
    rule::Draft,
    verb::{Call, Failure},
};

/// Writes the row, with the rules of the mutation before and after; answers its number.
///
/// # Errors
/// A rule or a constraint of the database refuses it: a failure that names the member; or a fault.
pub async fn save(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    mutation: &str,
    draft: &mut Draft,
) -> Result<i64, Failure> {
    let rules = registry::rules(mutation);
    if let Some(before) = rules.before {
        before(call, tx, draft).await?;
    }
    let number = write(call, tx, draft).await?;
    if let Some(after) = rules.after {
        after(call, tx, draft).await?;
    }
    Ok(number)
}

/// Deletes the row, with the rules of the mutation before and after.
///
/// # Errors
/// A rule refuses, other rows need it, or a fault.
pub async fn remove(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    mutation: &str,
    draft: &mut Draft,
) -> Result<(), Failure> {
    let rules = registry::rules(mutation);
    let (_, table) = MODEL.rows(draft.of).expect("rows are in tables");
    if let Some(before) = rules.before {
        before(call, tx, draft).await?;
    }
    write::delete(call, tx, table, draft).await?;
    match rules.after {
        Some(after) => after(call, tx, draft).await,
        None => Ok(()),
    }
}
