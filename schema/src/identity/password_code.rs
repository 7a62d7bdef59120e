//! The mutations requestPasswordCode and verifyPasswordCode. Codes are treated like passwords: hashed slowly, and for
//! an unknown address too, so that answer and cost are the same.

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use groupgraph_entities::{password_code, staff};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};

use super::{
    accounts,
    attempts::{self, Attempt, Limit},
    audit::{self, Kind},
    device,
    opaque::{self, Use},
};
use crate::{
    delivery,
    error::{Code, Error},
    events::ChangeKind,
    hub::Hub,
    mail::{self, Letter},
    verb::{Call, Failure, Outcome, Payload, fault},
};

const PURPOSE: &str = "password codes";
const WRONG_TRIES: i32 = 5;
const RESEND_AFTER: TimeDelta = TimeDelta::minutes(2);
/// Mails to one account within the window of the settings.
const MOST_MAILS: u64 = 10;
/// Wrong codes for one account within a day. Four digits are soon guessed by whoever may ask for ever more codes.
const MOST_TRIES: u64 = 20;

/// Mails a code of four digits.
pub(super) fn request_password_code<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let email = accounts::address(call);
        let limit = Limit { most: MOST_MAILS, ..Limit::account(call, "password mail", &email) };
        let last = attempts::last(call, &limit.subject).await?;
        if call.flag("isResend") && last.is_some_and(|last| call.now() - last < RESEND_AFTER) {
            return Err(fault(Code::TooEarly, "", "The last mail is less than two minutes old."));
        }
        // A mail is not forgiven: they are what is limited.
        Attempt::begin(call, limit, Limit::address(call, "password mail")).await?;
        let person = accounts::by_email(&call.hub.database.read, &email).await?;
        let code = format!("{:04}", rand::random_range(0..10_000));
        let hash = call.hub.identity.passwords.hash(&pepper(call.hub, &code)).await?;
        let expires_at = call.now() + life(call.hub);
        if let Some(person) = person {
            store(call, &person, hash, &letter(call.hub, &email, &code)).await?;
        }
        Ok(Payload::new().plain("expiresAt", device::instant(expires_at)))
    })
}

/// Trades a right code for a token that may only set the password.
pub(super) fn verify_password_code<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let email = accounts::address(call);
        let limit = Limit::account(call, "password code", &email);
        let limit = Limit { most: MOST_TRIES, window: TimeDelta::days(1), ..limit };
        let attempt = Attempt::begin(call, limit, Limit::address(call, "password code")).await?;
        let person = accounts::by_email(&call.hub.database.read, &email).await?;
        let row = match &person {
            Some(person) => newest(call, person.id).await?,
            None => None,
        };
        let is_right = try_code(call, row.as_ref()).await?;
        match row {
            Some(row) if is_right => trade(call, attempt, row).await,
            _ => {
                if let Some(person) = person {
                    let connection = &call.hub.database.write;
                    audit::note(connection, Kind::Security, &person, "Wrong password code", call.now()).await?;
                }
                Err(fault(Code::Invalid, "", "The code is wrong or has expired."))
            }
        }
    })
}

/// Whether the code of the input is that of the row. Counts wrong tries; five of them burn the code.
pub(super) async fn try_code(call: &Call<'_>, row: Option<&password_code::Model>) -> Result<bool, Error> {
    let mut hash = None;
    if let Some(row) = row
        && reserve(&call.hub.database.write, row.id).await?
    {
        hash = Some(row.code_hash.as_str());
    }
    let code = call.text("code").unwrap_or_default().trim();
    let is_right = call.hub.identity.passwords.verify(&pepper(call.hub, code), hash).await?;
    if let (true, Some(row)) = (is_right, row) {
        count(&call.hub.database.write, row.id, -1).await?;
    }
    Ok(is_right)
}

/// Counts a try before its outcome is known; false if there were too many.
async fn reserve(connection: &impl ConnectionTrait, code: i64) -> Result<bool, DbErr> {
    Ok(count(connection, code, 1).await? == 1)
}

async fn count(connection: &impl ConnectionTrait, code: i64, by: i32) -> Result<u64, DbErr> {
    let mut update = password_code::Entity::update_many()
        .col_expr(password_code::Column::Attempts, Expr::col(password_code::Column::Attempts).add(by))
        .filter(password_code::Column::Id.eq(code));
    if by > 0 {
        update = update.filter(password_code::Column::Attempts.lt(WRONG_TRIES));
    }
    Ok(update.exec(connection).await?.rows_affected)
}

/// With the key of this instance, because four digits have no strength of their own against whoever has the table.
fn pepper(hub: &Hub, code: &str) -> String {
    hub.sealing.sign(PURPOSE, code.as_bytes())
}

fn life(hub: &Hub) -> TimeDelta {
    TimeDelta::minutes(hub.settings.auth.password_code_minutes.into())
}

/// A new code voids the old ones; its mail goes into the outbox.
async fn store(call: &Call<'_>, person: &staff::Model, hash: String, letter: &Letter) -> Result<(), Failure> {
    let now = call.now();
    let transaction = call.begin().await?;
    password_code::Entity::update_many()
        .col_expr(password_code::Column::UsedAt, Expr::value(now))
        .filter(password_code::Column::StaffId.eq(person.id))
        .filter(password_code::Column::UsedAt.is_null())
        .exec(&transaction)
        .await?;
    let row = password_code::ActiveModel {
        staff_id: Set(person.id),
        code_hash: Set(hash),
        mailed_at: Set(now),
        expires_at: Set(now + life(call.hub)),
        ..Default::default()
    };
    password_code::Entity::insert(row).exec(&transaction).await?;
    let mail = mail::parcel(call.hub, person.tenant_id, letter, now + life(call.hub)).insert(&transaction).await?;
    call.changed(ChangeKind::Created, delivery::TYPE, mail.id);
    audit::note(&transaction, Kind::Security, person, "Password code mailed", now).await?;
    call.commit(transaction).await?;
    Ok(())
}

fn letter(hub: &Hub, email: &str, code: &str) -> Letter {
    let minutes = hub.settings.auth.password_code_minutes;
    let text = format!(
        "Your code to set a new password is {code}. It is good for {minutes} minutes.\n\n\
         If you did not ask for it, ignore this mail; nothing has changed.\n"
    );
    Letter { to: email.to_owned(), subject: "Your code to set a new password".into(), text }
}

async fn newest(call: &Call<'_>, person: i64) -> Result<Option<password_code::Model>, DbErr> {
    password_code::Entity::find()
        .filter(password_code::Column::StaffId.eq(person))
        .filter(password_code::Column::UsedAt.is_null())
        .filter(password_code::Column::ExpiresAt.gt(call.now()))
        .order_by_desc(password_code::Column::Id)
        .one(&call.hub.database.read)
        .await
}

/// The life of the code begins anew, so that there is time to choose a password.
async fn trade(call: &Call<'_>, attempt: Attempt, row: password_code::Model) -> Outcome {
    let token = opaque::make(Use::NewPassword);
    let transaction = call.begin().await?;
    attempt.forgive(call, &transaction).await?;
    password_code::Entity::update_many()
        .col_expr(password_code::Column::VerifiedTokenHash, Expr::value(opaque::hash(&token)))
        .col_expr(password_code::Column::ExpiresAt, Expr::value(call.now() + life(call.hub)))
        .filter(password_code::Column::Id.eq(row.id))
        .exec(&transaction)
        .await?;
    call.commit(transaction).await?;
    Ok(Payload::new().plain("token", token))
}
