//! Signed-in devices: a row each, with the tokens that belong to it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use groupgraph_entities::{access_token, refresh_token, staff};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

use super::{
    keys::Signer,
    opaque::{self, Use},
    tokens,
};
use crate::{
    hub::Hub,
    verb::{Failure, Payload},
};

/// The value of `kind` for signed-in devices.
pub(super) const KIND: &str = "DEVICE";

/// What a device gets.
pub(super) struct Pair {
    access: String,
    refresh: String,
    expires_at: DateTime<Utc>,
}

impl Pair {
    pub fn payload(self) -> Payload {
        Payload::new()
            .plain("accessToken", self.access)
            .plain("refreshToken", self.refresh)
            .plain("expiresAt", instant(self.expires_at))
    }
}

/// An instant as the schema writes it.
pub(super) fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A row for a new device; without a secret the device has signed tokens.
pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    hub: &Hub,
    person: &staff::Model,
    name: &str,
    secret: Option<&str>,
) -> Result<i64, DbErr> {
    let now = hub.clock.now();
    let row = access_token::ActiveModel {
        kind: Set(KIND.into()),
        name: Set(name.into()),
        staff_id: Set(Some(person.id)),
        tenant_id: Set(Some(person.tenant_id)),
        secret_hash: Set(secret.map(opaque::hash)),
        last_used_at: Set(Some(now)),
        expires_at: Set(secret.is_none().then(|| session_end(hub))),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.id)
}

/// The next access and refresh token of a device.
pub(super) async fn pair(
    connection: &impl ConnectionTrait,
    hub: &Hub,
    signer: &Signer,
    person: &staff::Model,
    device: i64,
) -> Result<Pair, Failure> {
    let refresh = opaque::make(Use::Refresh);
    let row = refresh_token::ActiveModel {
        access_token_id: Set(device),
        token_hash: Set(opaque::hash(&refresh)),
        expires_at: Set(session_end(hub)),
        created_at: Set(hub.clock.now()),
        ..Default::default()
    };
    refresh_token::Entity::insert(row).exec(connection).await?;
    let (access, expires_at) = tokens::sign(hub, signer, person, device)?;
    Ok(Pair { access, refresh, expires_at })
}

/// When a session ends that is not refreshed.
pub(super) fn session_end(hub: &Hub) -> DateTime<Utc> {
    hub.clock.now() + TimeDelta::days(hub.settings.auth.refresh_token_days.into())
}
