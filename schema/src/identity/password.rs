//! The mutations resetPassword and changePassword.

use futures_util::future::BoxFuture;
use groupgraph_entities::{password_code, staff};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    accounts,
    attempts::{Attempt, Limit},
    audit::{self, Kind},
    password_code::try_code,
    passwords::check_choice,
};
use crate::{
    error::{ClientError, Code, Error},
    events::{ChangeKind, SESSIONS},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Sets the password with the narrow token and the code; burns both and revokes every token of the person.
pub(super) fn reset_password<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let password = chosen(call)?;
        let code = call.viewer.password_code.ok_or_else(unverified)?;
        let row = password_code::Entity::find_by_id(code).one(&call.hub.database.read).await?;
        let row = row.filter(|row| row.used_at.is_none()).ok_or_else(unverified)?;
        if !try_code(call, Some(&row)).await? {
            return Err(fault(Code::Invalid, "code", "The code is wrong or has expired."));
        }
        let hash = call.hub.identity.passwords.hash(password).await?;
        let transaction = call.begin().await?;
        let person = accounts::active(&transaction, row.staff_id).await?.ok_or_else(unverified)?;
        if !burn(call, &transaction, row.id).await? {
            return Err(unverified());
        }
        accounts::set_password(&transaction, person.id, hash, call.now()).await?;
        accounts::end_sessions(&transaction, person.id, &["DEVICE", "PERSONAL"], call.now()).await?;
        call.changed(ChangeKind::Updated, SESSIONS, person.id);
        audit::note(&transaction, Kind::Security, &person, "Password reset by mailed code", call.now()).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("staff", person.id))
    })
}

/// Changes the viewer's password; sessions stay, and signOut can end them.
pub(super) fn change_password<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let password = chosen(call)?;
        let number = call.viewer.staff.ok_or_else(|| fault(Code::WrongState, "", "A machine has no password."))?;
        let limit = Limit::account(call, "change password", &number.to_string());
        let attempt = Attempt::begin(call, limit, None).await?;
        let person = staff::Entity::find_by_id(number).one(&call.hub.database.read).await?;
        let person = person.ok_or(Error::Client(ClientError::Unauthenticated))?;
        let current = call.text("currentPassword").unwrap_or_default();
        let passwords = &call.hub.identity.passwords;
        if !passwords.verify(current, person.password_hash.as_deref()).await? {
            let text = "Failed to change the password";
            audit::note(&call.hub.database.write, Kind::Security, &person, text, call.now()).await?;
            return Err(fault(Code::Invalid, "currentPassword", "This is not your password."));
        }
        let hash = passwords.hash(password).await?;
        let transaction = call.begin().await?;
        attempt.forgive(call, &transaction).await?;
        accounts::set_password(&transaction, number, hash, call.now()).await?;
        audit::note(&transaction, Kind::Security, &person, "Password changed", call.now()).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("staff", number))
    })
}

fn chosen<'a>(call: &'a Call<'a>) -> Result<&'a str, Failure> {
    let password = call.text("password").unwrap_or_default();
    check_choice(password, call.text("passwordConfirmation"))?;
    Ok(password)
}

fn unverified() -> Failure {
    fault(Code::WrongState, "", "Verify a mailed code first, and use the token that it gives.")
}

/// Whether this is the only use; of two at the same time one is refused.
async fn burn(call: &Call<'_>, transaction: &DatabaseTransaction, code: i64) -> Result<bool, DbErr> {
    let update = password_code::Entity::update_many()
        .col_expr(password_code::Column::UsedAt, Expr::value(call.now()))
        .filter(password_code::Column::Id.eq(code))
        .filter(password_code::Column::UsedAt.is_null());
    Ok(update.exec(transaction).await?.rows_affected == 1)
}
