//! The mutation createEnrolmentToken: a secret with which a company may register its source once.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use groupgraph_entities::enrolment_token::{ActiveModel, Column, Entity, Model};
use rand::Rng;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr,
};
use sha2::{Digest, Sha256};

use crate::{
    error::Code,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Lets people and secret scanners recognise a token.
const PREFIX: &str = "gge_";
/// Life of a token unless somebody says otherwise.
pub(super) const LIFE: TimeDelta = TimeDelta::hours(24);

/// Makes a token, which is shown once.
pub(super) fn create_enrolment_token<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let expires_at = expires_at(call)?;
        let tenant = call.required(&call.hub.database.read, "tenant", "Tenant").await?;
        let transaction = call.begin().await?;
        let token = insert(&transaction, tenant, expires_at).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().plain("token", token))
    })
}

fn expires_at(call: &Call<'_>) -> Result<DateTime<Utc>, Failure> {
    let wrong = |message: &str| fault(Code::InvalidDate, "expiresAt", message);
    let Some(text) = call.text("expiresAt") else { return Ok(call.now() + LIFE) };
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong("This is no instant."))?.to_utc();
    if time <= call.now() { Err(wrong("This is in the past.")) } else { Ok(time) }
}

/// Stores a token of 32 random bytes as a hash and returns it.
pub(super) async fn insert<C: ConnectionTrait>(
    connection: &C,
    tenant: i64,
    expires_at: DateTime<Utc>,
) -> Result<String, DbErr> {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let row = ActiveModel {
        tenant_id: Set(tenant),
        token_hash: Set(hash(&token)),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    row.insert(connection).await?;
    Ok(token)
}

/// The row of a token that can still be used.
pub(super) async fn find<C: ConnectionTrait>(
    connection: &C,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let usable = Entity::find().filter(Column::TokenHash.eq(hash(token))).filter(Column::UsedAt.is_null());
    usable.filter(Column::ExpiresAt.gt(now)).one(connection).await
}

/// Uses a token up; false if somebody else was faster.
pub(super) async fn burn<C: ConnectionTrait>(connection: &C, id: i64, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::UsedAt, Expr::value(now));
    let unused = update.filter(Column::Id.eq(id)).filter(Column::UsedAt.is_null());
    Ok(unused.exec(connection).await?.rows_affected == 1)
}

fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}
