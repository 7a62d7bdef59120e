//! The mutation signIn.

use futures_util::future::BoxFuture;
use groupgraph_entities::staff;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    accounts,
    attempts::{Attempt, Limit},
    audit::{self, Kind},
    device, keys,
    opaque::{self, Use},
};
use crate::{
    error::Code,
    verb::{Call, Failure, Outcome, Payload, fault},
};

const NAMELESS: &str = "Unnamed device";
const LONGEST_NAME: usize = 200;

/// Signs a person in. An unknown address, a wrong password and an inactive account look and cost the same.
pub(super) fn sign_in<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let name = device_name(call)?;
        let email = accounts::address(call);
        let limit = Limit::account(call, "sign-in", &email);
        let attempt = Attempt::begin(call, limit, Limit::address(call, "sign-in")).await?;
        let person = accounts::by_email(&call.hub.database.read, &email).await?;
        let hash = person.as_ref().and_then(|person| person.password_hash.as_deref());
        let password = call.text("password").unwrap_or_default();
        let matches = call.hub.identity.passwords.verify(password, hash).await?;
        match person {
            Some(person) if matches => admit(call, attempt, &person, name).await,
            person => refuse(call, person.as_ref()).await,
        }
    })
}

fn device_name<'a>(call: &'a Call<'a>) -> Result<&'a str, Failure> {
    let name = call.text("deviceName").map(str::trim).filter(|name| !name.is_empty()).unwrap_or(NAMELESS);
    if name.chars().count() > LONGEST_NAME {
        return Err(fault(Code::TooLarge, "deviceName", "The name of a device has at most 200 characters."));
    }
    Ok(name)
}

async fn admit(call: &Call<'_>, attempt: Attempt, person: &staff::Model, name: &str) -> Outcome {
    let is_opaque = call.text("format") == Some("OPAQUE");
    // Before the transaction: SQLite may have no second connection.
    let signer = keys::signer(call.hub).await?;
    let transaction = call.begin().await?;
    attempt.forgive(call, &transaction).await?;
    staff::Entity::update_many()
        .col_expr(staff::Column::LastSignedInAt, Expr::value(call.now()))
        .filter(staff::Column::Id.eq(person.id))
        .exec(&transaction)
        .await?;
    let payload = if is_opaque {
        let secret = opaque::make(Use::Device);
        let device = device::insert(&transaction, call.hub, person, name, Some(&secret)).await?;
        // Older apps expect the number of the token in front of it.
        Payload::new().plain("accessToken", format!("{device}|{secret}"))
    } else {
        let device = device::insert(&transaction, call.hub, person, name, None).await?;
        device::pair(&transaction, call.hub, &signer, person, device).await?.payload()
    };
    audit::note(&transaction, Kind::Session, person, format!("Signed in on {name}"), call.now()).await?;
    call.commit(transaction).await?;
    Ok(payload.row("staff", person.id))
}

async fn refuse(call: &Call<'_>, person: Option<&staff::Model>) -> Outcome {
    if let Some(person) = person {
        audit::note(&call.hub.database.write, Kind::Security, person, "Failed to sign in", call.now()).await?;
    }
    Err(fault(Code::Invalid, "", "E-mail address or password is wrong."))
}
