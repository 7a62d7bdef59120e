//! Rules of createStaff, updateStaff and deleteStaff.

use futures_util::future::BoxFuture;
use groupgraph_entities::staff;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Value, sea_query::Expr,
};

use super::role;
use crate::{
    check,
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
    viewer::Permissions,
};

/// Adds a person with no more rights than the viewer has.
pub(super) fn create<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        name(draft, None)?;
        check::filled(draft, "email", "email")?;
        if is_set(draft, "is_administrator", true) {
            only_administrators(call, "isAdministrator")?;
        }
        grant_role(call, transaction, draft, None).await
    })
}

/// Changes a person; who may no longer sign in is signed out everywhere.
pub(super) fn update<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let person = current(transaction, draft.written()).await?;
        if person.is_administrator {
            only_administrators(call, "staff")?;
        }
        if is_set(draft, "is_administrator", !person.is_administrator) {
            only_administrators(call, "isAdministrator")?;
        }
        name(draft, Some(&person))?;
        // A new password is mailed to this address.
        if draft.values.contains_key("email") && !role::is_within(call.viewer, transaction, person.role_id).await? {
            return Err(fault(Code::Forbidden, "email", "This person may do things that you may not."));
        }
        grant_role(call, transaction, draft, person.role_id).await?;
        if is_set(draft, "is_active", false) {
            not_oneself(call, person.id, "isActive")?;
            if person.is_active {
                draft.set("session_epoch", person.session_epoch + 1);
            }
        }
        Ok(())
    })
}

/// Ends an account: the row stays, but nobody signs in with it.
pub(super) fn delete<'a>(
    call: &'a Call<'a>,
    transaction: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let person = current(transaction, draft.written()).await?;
        not_oneself(call, person.id, "staff")?;
        if person.is_administrator {
            only_administrators(call, "staff")?;
        }
        staff::Entity::update_many()
            .col_expr(staff::Column::IsActive, Expr::value(false))
            .col_expr(staff::Column::SessionEpoch, Expr::col(staff::Column::SessionEpoch).add(1))
            .filter(staff::Column::Id.eq(person.id))
            .exec(transaction)
            .await?;
        Ok(())
    })
}

async fn current(transaction: &DatabaseTransaction, number: i64) -> Result<staff::Model, Failure> {
    let found = staff::Entity::find_by_id(number).lock_exclusive().one(transaction).await?;
    found.ok_or_else(|| Error::internal("the person to change is gone").into())
}

fn is_set(draft: &Draft, column: &str, to: bool) -> bool {
    draft.values.get(column) == Some(&Value::Bool(Some(to)))
}

fn only_administrators(call: &Call<'_>, member: &str) -> Result<(), Failure> {
    if call.viewer.permissions == Permissions::All {
        return Ok(());
    }
    Err(fault(Code::Forbidden, member, "Only administrators make, change and end administrators."))
}

fn not_oneself(call: &Call<'_>, number: i64, member: &str) -> Result<(), Failure> {
    if call.viewer.staff == Some(number) {
        return Err(fault(Code::Forbidden, member, "Nobody ends their own account."));
    }
    Ok(())
}

async fn grant_role(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    draft: &Draft,
    now: Option<i64>,
) -> Result<(), Failure> {
    let asked = draft.integer("role_id").filter(|asked| Some(*asked) != now);
    if role::is_within(call.viewer, transaction, asked).await? {
        return Ok(());
    }
    Err(fault(Code::Forbidden, "role", "This role holds permissions that you do not hold yourself."))
}

/// The display name follows the two names, of which at least one stays. Whoever knows only the one name gives that: it
/// is never split into parts.
pub(super) fn name(draft: &mut Draft, now: Option<&staff::Model>) -> Result<(), Failure> {
    if draft.values.contains_key("name") {
        draft.set("given_name", None::<String>);
        draft.set("family_name", None::<String>);
        return check::filled(draft, "name", "name");
    }
    if !draft.is_new() && !draft.values.contains_key("given_name") && !draft.values.contains_key("family_name") {
        return Ok(());
    }
    if draft.is_new() {
        check::filled(draft, "given_name", "givenName")?;
        check::filled(draft, "family_name", "familyName")?;
    }
    let given = check::text_after(draft, "given_name", now.and_then(|person| person.given_name.as_deref()));
    let family = check::text_after(draft, "family_name", now.and_then(|person| person.family_name.as_deref()));
    let parts: Vec<_> = given.into_iter().chain(family).collect();
    if parts.is_empty() {
        return Err(fault(Code::Required, "givenName", "A person needs a name."));
    }
    draft.set("name", parts.join(" "));
    Ok(())
}
