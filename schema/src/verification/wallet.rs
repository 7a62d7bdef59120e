//! Money in and out of wallets, within a transaction. It must not know what it pays for.

use chrono::{DateTime, Utc};
use groupgraph_entities::{wallet, wallet_entry};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::Expr,
};

use crate::amount::Amount;

/// Takes money out; false, and nothing taken, if there is not enough of this currency.
pub async fn debit(
    tx: &DatabaseTransaction,
    staff: i64,
    amount: &Amount,
    (reason, now): (&str, DateTime<Utc>),
) -> Result<bool, DbErr> {
    if amount.minor == 0 {
        return Ok(true);
    }
    let taken = wallet::Entity::update_many()
        .col_expr(wallet::Column::BalanceMinor, Expr::col(wallet::Column::BalanceMinor).sub(amount.minor))
        .col_expr(wallet::Column::UpdatedAt, Expr::value(now))
        .filter(wallet::Column::StaffId.eq(staff))
        .filter(wallet::Column::Currency.eq(amount.currency.as_str()))
        .filter(wallet::Column::BalanceMinor.gte(amount.minor))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(false);
    }
    let out = Amount { minor: -amount.minor, currency: amount.currency.clone() };
    enter(tx, staff, &out, (reason, now)).await?;
    Ok(true)
}

/// Puts money into a wallet that is there; false if there is none of this currency.
pub async fn credit(
    tx: &DatabaseTransaction,
    staff: i64,
    amount: &Amount,
    (reason, now): (&str, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let put = wallet::Entity::update_many()
        .col_expr(wallet::Column::BalanceMinor, Expr::col(wallet::Column::BalanceMinor).add(amount.minor))
        .col_expr(wallet::Column::UpdatedAt, Expr::value(now))
        .filter(wallet::Column::StaffId.eq(staff))
        .filter(wallet::Column::Currency.eq(amount.currency.as_str()))
        .exec(tx)
        .await?;
    if put.rows_affected == 0 {
        return Ok(false);
    }
    enter(tx, staff, amount, (reason, now)).await?;
    Ok(true)
}

/// The wallet of a person, if there is one.
pub async fn of(tx: &DatabaseTransaction, staff: i64) -> Result<Option<wallet::Model>, DbErr> {
    wallet::Entity::find().filter(wallet::Column::StaffId.eq(staff)).one(tx).await
}

async fn enter(
    tx: &DatabaseTransaction,
    staff: i64,
    amount: &Amount,
    (reason, now): (&str, DateTime<Utc>),
) -> Result<(), DbErr> {
    let found = of(tx, staff).await?.ok_or_else(|| DbErr::RecordNotFound("wallet".into()))?;
    let row = wallet_entry::ActiveModel {
        tenant_id: Set(found.tenant_id),
        wallet_id: Set(found.id),
        amount_minor: Set(amount.minor),
        currency: Set(amount.currency.clone()),
        reason: Set(reason.to_owned()),
        created_at: Set(now),
        ..Default::default()
    };
    row.insert(tx).await.map(drop)
}
