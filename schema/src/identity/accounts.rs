//! Finding the account behind an e-mail address, and ending its sessions.

use chrono::{DateTime, Utc};
use groupgraph_entities::{access_token, staff};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder,
    sea_query::{Expr, Func},
};

use crate::verb::Call;

/// The address in the form in which it is compared.
pub(super) fn address(call: &Call<'_>) -> String {
    normalise(call.text("email").unwrap_or_default())
}

pub(super) fn normalise(email: &str) -> String {
    email.trim().to_ascii_lowercase()
}

/// The account that signs in with an address. Where several companies have a person of that address, it is the first
/// one that can sign in: more than one attempt would tell by its time that there are several.
pub(super) async fn by_email(connection: &impl ConnectionTrait, email: &str) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find()
        .filter(Expr::expr(Func::lower(Expr::col(staff::Column::Email))).eq(email))
        .filter(staff::Column::IsActive.eq(true))
        .filter(staff::Column::DeletedAt.is_null())
        .order_by(Expr::col(staff::Column::PasswordHash).is_null(), Order::Asc)
        .order_by_asc(staff::Column::Id)
        .one(connection)
        .await
}

/// Somebody who may sign in, by number.
pub(super) async fn active(connection: &impl ConnectionTrait, number: i64) -> Result<Option<staff::Model>, DbErr> {
    let person = staff::Entity::find_by_id(number).one(connection).await?;
    Ok(person.filter(|person| person.is_active && person.deleted_at.is_none()))
}

/// Sets the password; sessions stay.
pub(super) async fn set_password(
    connection: &impl ConnectionTrait,
    number: i64,
    hash: String,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    staff::Entity::update_many()
        .col_expr(staff::Column::PasswordHash, Expr::value(hash))
        .col_expr(staff::Column::UpdatedAt, Expr::value(now))
        .filter(staff::Column::Id.eq(number))
        .exec(connection)
        .await
        .map(drop)
}

/// Revokes the tokens of these kinds and every signed token of the person; returns how many rows that took.
pub(super) async fn end_sessions(
    connection: &impl ConnectionTrait,
    number: i64,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    staff::Entity::update_many()
        .col_expr(staff::Column::SessionEpoch, Expr::col(staff::Column::SessionEpoch).add(1))
        .filter(staff::Column::Id.eq(number))
        .exec(connection)
        .await?;
    let revoked = access_token::Entity::update_many()
        .col_expr(access_token::Column::RevokedAt, Expr::value(now))
        .filter(access_token::Column::StaffId.eq(number))
        .filter(access_token::Column::Kind.is_in(kinds.iter().copied()))
        .filter(access_token::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(revoked.rows_affected)
}
