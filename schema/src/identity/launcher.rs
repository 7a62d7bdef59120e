//! The mutations issueLauncherToken and redeemLauncherToken.

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use groupgraph_entities::{launcher_token, staff};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    accounts,
    audit::{self, Kind},
    device,
    opaque::{self, Use},
};
use crate::{
    error::Code,
    verb::{Call, Failure, Outcome, Payload, fault},
};

const LIFE: TimeDelta = TimeDelta::minutes(5);

/// Makes a token with which the launcher opens an app for a person.
pub(super) fn issue_launcher_token<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let named = call.reference(&call.hub.database.read, "staff", "Staff").await?;
        let number = named.or(call.viewer.staff);
        let number = number.ok_or_else(|| fault(Code::Required, "staff", "A machine must say for whom."))?;
        let transaction = call.begin().await?;
        let person = accounts::active(&transaction, number).await?;
        let person = person.ok_or_else(|| fault(Code::NotFound, "staff", "There is no such person."))?;
        if person.email.is_none() {
            return Err(fault(Code::WrongState, "staff", "This person has no e-mail address."));
        }
        let token = opaque::make(Use::Launcher);
        let expires_at = call.now() + LIFE;
        let row = launcher_token::ActiveModel {
            staff_id: Set(person.id),
            token_hash: Set(opaque::hash(&token)),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        launcher_token::Entity::insert(row).exec(&transaction).await?;
        audit::note(&transaction, Kind::Security, &person, "Launcher token issued", call.now()).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().plain("token", token).plain("expiresAt", device::instant(expires_at)))
    })
}

/// Checks and burns a launcher token. One that comes with the wrong address is burnt too: it is in the wrong hands.
pub(super) fn redeem_launcher_token<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let hash = opaque::hash(call.text("token").unwrap_or_default());
        let token = launcher_token::Entity::find().filter(launcher_token::Column::TokenHash.eq(hash));
        let token = token.one(&call.hub.database.read).await?.ok_or_else(refused)?;
        let transaction = call.begin().await?;
        let update = launcher_token::Entity::update_many()
            .col_expr(launcher_token::Column::UsedAt, Expr::value(call.now()))
            .filter(launcher_token::Column::Id.eq(token.id))
            .filter(launcher_token::Column::UsedAt.is_null());
        let is_first_use = update.exec(&transaction).await?.rows_affected == 1;
        let person = accounts::active(&transaction, token.staff_id).await?;
        let person = person.filter(|person| is_first_use && is_bound(call, person));
        if let Some(person) = &person {
            audit::note(&transaction, Kind::Session, person, "Launcher token redeemed", call.now()).await?;
        }
        call.commit(transaction).await?;
        match person {
            Some(_) if token.expires_at <= call.now() => {
                Err(fault(Code::Expired, "token", "The launcher token has expired."))
            }
            Some(person) => Ok(Payload::new().row("staff", person.id)),
            None => Err(refused()),
        }
    })
}

fn is_bound(call: &Call<'_>, person: &staff::Model) -> bool {
    person.email.as_deref().map(accounts::normalise) == Some(accounts::address(call))
}

fn refused() -> Failure {
    fault(Code::Invalid, "", "The launcher token is not valid for this address.")
}
