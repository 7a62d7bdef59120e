//! The mutation refreshSession.

use futures_util::future::BoxFuture;
use groupgraph_entities::{access_token, refresh_token, staff};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    accounts,
    audit::{self, Kind},
    device, keys, opaque,
};
use crate::{
    error::Code,
    events::ChangeKind,
    verb::{Call, Failure, Outcome, fault},
};

const FIELD: &str = "refreshToken";

/// Trades a refresh token for a new pair. A token that comes twice was stolen, by one of the two: its device is revoked.
pub(super) fn refresh_session<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let hash = opaque::hash(call.text(FIELD).unwrap_or_default());
        // Made-up tokens must not take the one writer of SQLite.
        find(&call.hub.database.read, &hash).await?.ok_or_else(unknown)?;
        let signer = keys::signer(call.hub).await?;
        let transaction = call.begin().await?;
        let token = find(&transaction, &hash).await?.ok_or_else(unknown)?;
        let (device, person) = session(call, &transaction, &token).await?;
        if !spend(call, &transaction, &token).await? {
            return revoke(call, transaction, device, &person).await;
        }
        if token.expires_at <= call.now() {
            return Err(ended());
        }
        prolong(call, &transaction, device).await?;
        let pair = device::pair(&transaction, call.hub, &signer, &person, device).await?;
        call.commit(transaction).await?;
        Ok(pair.payload())
    })
}

fn unknown() -> Failure {
    fault(Code::Invalid, FIELD, "There is no such refresh token.")
}

fn ended() -> Failure {
    fault(Code::Expired, FIELD, "The session has ended. Sign in again.")
}

async fn find(connection: &impl ConnectionTrait, hash: &str) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find().filter(refresh_token::Column::TokenHash.eq(hash)).one(connection).await
}

/// The device and its person, if both still may.
async fn session(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    token: &refresh_token::Model,
) -> Result<(i64, staff::Model), Failure> {
    let device = access_token::Entity::find_by_id(token.access_token_id).one(transaction).await?;
    let device = device.filter(|device| device.revoked_at.is_none()).ok_or_else(ended)?;
    if device.expires_at.is_some_and(|end| end <= call.now()) {
        return Err(ended());
    }
    let person = accounts::active(transaction, device.staff_id.ok_or_else(ended)?).await?.ok_or_else(ended)?;
    Ok((device.id, person))
}

/// Whether this is the first use; of two at the same time only one is.
async fn spend(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    token: &refresh_token::Model,
) -> Result<bool, DbErr> {
    let update = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(call.now()))
        .filter(refresh_token::Column::Id.eq(token.id))
        .filter(refresh_token::Column::UsedAt.is_null());
    Ok(update.exec(transaction).await?.rows_affected == 1)
}

async fn revoke(call: &Call<'_>, transaction: DatabaseTransaction, device: i64, person: &staff::Model) -> Outcome {
    access_token::Entity::update_many()
        .col_expr(access_token::Column::RevokedAt, Expr::value(call.now()))
        .filter(access_token::Column::Id.eq(device))
        .exec(&transaction)
        .await?;
    call.changed(ChangeKind::Updated, "AccessToken", device);
    let text = "A refresh token was used twice; its device was signed out";
    audit::note(&transaction, Kind::Security, person, text, call.now()).await?;
    call.commit(transaction).await?;
    Err(ended())
}

/// Moves the end of the session, and forgets tokens that are too old even to betray a theft.
async fn prolong(call: &Call<'_>, transaction: &DatabaseTransaction, device: i64) -> Result<(), DbErr> {
    access_token::Entity::update_many()
        .col_expr(access_token::Column::ExpiresAt, Expr::value(device::session_end(call.hub)))
        .col_expr(access_token::Column::LastUsedAt, Expr::value(call.now()))
        .filter(access_token::Column::Id.eq(device))
        .exec(transaction)
        .await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::AccessTokenId.eq(device))
        .filter(refresh_token::Column::ExpiresAt.lt(call.now()))
        .exec(transaction)
        .await
        .map(drop)
}
