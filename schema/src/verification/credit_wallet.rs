//! The mutation creditWallet.

use futures_util::future::BoxFuture;
use groupgraph_entities::{staff, wallet as table};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::wallet;
use crate::{
    amount,
    error::{Code, Error},
    events::ChangeKind,
    members,
    verb::{Call, Outcome, Payload, fault},
};

/// Puts money into the wallet of a person.
pub(super) fn credit_wallet<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let currency = call.hub.settings.verification.currency.as_str();
        let given =
            members::present(call.input, "amount").ok_or_else(|| fault(Code::Required, "amount", "Say how much."))?;
        let amount = amount::read(given, "amount", currency)?;
        if amount.minor <= 0 || amount.currency != currency {
            return Err(fault(Code::Invalid, "amount", format!("Wallets take positive amounts of {currency}.")));
        }
        let reason = members::words(call.input, "reason").ok_or_else(|| fault(Code::Required, "reason", "Say why."))?;
        let tx = call.begin().await?;
        let person = call.required(&tx, "staff", "Staff").await?;
        let found = staff::Entity::find_by_id(person).one(&tx).await?;
        let tenant = found.ok_or_else(|| Error::internal("a person that was found is gone"))?.tenant_id;
        let fresh = table::ActiveModel {
            tenant_id: Set(tenant),
            staff_id: Set(person),
            balance_minor: Set(0),
            currency: Set(currency.to_owned()),
            created_at: Set(call.now()),
            updated_at: Set(call.now()),
            ..Default::default()
        };
        let unless_there = OnConflict::column(table::Column::StaffId).do_nothing().to_owned();
        table::Entity::insert(fresh).on_conflict(unless_there).exec_without_returning(&tx).await?;
        if !wallet::credit(&tx, person, &amount, (reason, call.now())).await? {
            return Err(fault(Code::WrongState, "staff", "The wallet is one of another currency."));
        }
        let number = wallet::of(&tx, person).await?.map(|row| row.id);
        let number = number.ok_or_else(|| Error::internal("a wallet that was filled is gone"))?;
        call.changed(ChangeKind::Updated, "Wallet", number);
        call.commit(tx).await?;
        Ok(Payload::new().row("wallet", number))
    })
}
