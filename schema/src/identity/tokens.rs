//! Signed access tokens: what they claim, and whether to believe them. It must not know whether the session behind
//! one still stands.

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::staff;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::{
    authenticate::AuthenticateError,
    keys::{self, Signer},
};
use crate::{error::Error, hub::Hub};

const AUDIENCE: &str = "groupgraph";
/// By how much the clocks of two replicas may differ.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(10);

/// What a signed token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    /// Number of the person.
    pub sub: String,
    /// Row of the session.
    pub sid: i64,
    /// Raised when all sessions of the person end.
    pub epoch: i32,
    iat: i64,
    exp: i64,
}

/// How long a token lives.
pub(super) fn life(hub: &Hub) -> TimeDelta {
    TimeDelta::minutes(hub.settings.auth.access_token_minutes.into())
}

/// A token for a session of a person, and when it ends.
pub(super) fn sign(
    hub: &Hub,
    signer: &Signer,
    person: &staff::Model,
    session: i64,
) -> Result<(String, DateTime<Utc>), Error> {
    let now = hub.clock.now();
    let exp = (now + life(hub)).timestamp();
    let claims = Claims {
        iss: hub.settings.public_url.clone(),
        aud: AUDIENCE.into(),
        sub: person.id.to_string(),
        sid: session,
        epoch: person.session_epoch,
        iat: now.timestamp(),
        exp,
    };
    let header = Header { kid: Some(signer.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let token = encode(&header, &claims, &signer.key).map_err(Error::internal)?;
    Ok((token, DateTime::from_timestamp(exp, 0).unwrap_or(now)))
}

/// The claims of a token that was signed here, whether or not it has ended.
pub(super) async fn verify(hub: &Hub, token: &str) -> Result<Claims, AuthenticateError> {
    let header = decode_header(token).map_err(|_| AuthenticateError::Invalid)?;
    let kid = header.kid.ok_or(AuthenticateError::Invalid)?;
    let key = keys::verifier(hub, &kid).await?.ok_or(AuthenticateError::Invalid)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&hub.settings.public_url]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // The library would ask the machine for the time; ours comes from the hub.
    validation.validate_exp = false;
    Ok(decode::<Claims>(token, &key, &validation).map_err(|_| AuthenticateError::Invalid)?.claims)
}

/// Whether a token has begun and not ended.
pub(super) fn check_time(claims: &Claims, now: DateTime<Utc>) -> Result<(), AuthenticateError> {
    if claims.exp <= (now - LEEWAY).timestamp() {
        return Err(AuthenticateError::Expired);
    }
    if claims.iat > (now + LEEWAY).timestamp() {
        return Err(AuthenticateError::Invalid);
    }
    Ok(())
}
