//! The receiving side: keys that act once, and the person whom a number means here.

use groupgraph_entities::{received_key, staff};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::month::PayMonth;
use crate::{
    error::{Code, Error},
    members,
    verb::{Call, Failure, fault},
};

const LONGEST: usize = 255;

/// Whether a key has acted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// This call is the one that acts; the key is to be `settle`d.
    Fresh,
    /// It acted on the row of this number.
    Used(i64),
}

/// Takes the key of the input. Of two calls that come at once, one waits here for the other.
///
/// # Errors
/// `INVALID` on `idempotencyKey` if it is malformed or was used for something of another kind.
pub(super) async fn take(call: &Call<'_>, transaction: &DatabaseTransaction, kind: &str) -> Result<Key, Failure> {
    let key = key(call)?;
    let row = received_key::ActiveModel {
        key: Set(key.to_owned()),
        kind: Set(kind.to_owned()),
        subject_id: Set(0),
        created_at: Set(call.now()),
        ..Default::default()
    };
    let unless_there = OnConflict::column(received_key::Column::Key).do_nothing().to_owned();
    let written =
        received_key::Entity::insert(row).on_conflict(unless_there).exec_without_returning(transaction).await?;
    if written == 1 {
        return Ok(Key::Fresh);
    }
    let found = received_key::Entity::find().filter(received_key::Column::Key.eq(key)).one(transaction).await?;
    match found {
        Some(found) if found.kind == kind => Ok(Key::Used(found.subject_id)),
        _ => Err(fault(Code::Invalid, "idempotencyKey", "This key was used for something else.")),
    }
}

/// Writes down on which row the key of the input has acted.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn settle(call: &Call<'_>, transaction: &DatabaseTransaction, number: i64) -> Result<(), Failure> {
    received_key::Entity::update_many()
        .col_expr(received_key::Column::SubjectId, Expr::value(number))
        .filter(received_key::Column::Key.eq(key(call)?))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Refuses a used key for another person or month than that of the row on which it acted; a row that is gone says
/// nothing.
///
/// # Errors
/// `INVALID` on `idempotencyKey`.
pub(super) fn check_month(month: PayMonth, acted_on: Option<PayMonth>) -> Result<(), Failure> {
    if acted_on.is_none_or(|before| before == month) {
        return Ok(());
    }
    Err(fault(Code::Invalid, "idempotencyKey", "This key was used for another person or month."))
}

fn key<'a>(call: &'a Call<'a>) -> Result<&'a str, Failure> {
    let key = members::text(call.input, "idempotencyKey").unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST || key.contains('\0') {
        return Err(fault(Code::Invalid, "idempotencyKey", "A key has 1 to 255 characters."));
    }
    Ok(key)
}

/// The company of the person with this number, as far as the caller may see it.
///
/// # Errors
/// `NOT_FOUND` on `remoteStaffNumber`.
pub(super) async fn tenant_of(call: &Call<'_>, transaction: &DatabaseTransaction, number: i32) -> Result<i64, Failure> {
    let person = staff::Entity::find_by_id(i64::from(number)).one(transaction).await.map_err(Error::from)?;
    let tenant = person.map(|person| person.tenant_id).filter(|tenant| call.viewer.sees_tenant(*tenant));
    tenant.ok_or_else(|| fault(Code::NotFound, "remoteStaffNumber", "Nobody here has this number."))
}
