//! The short signed statement of who asks, for each source: so that a subsidiary can enforce and record it. It is
//! signed like access tokens but worth nothing as one: it has another audience and type.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;

use crate::{error::Error, hub::Hub, identity, viewer::Viewer};

const TYPE: &str = "groupgraph-assertion+jwt";
/// How long a statement holds, in seconds: one call and the difference of two clocks.
const LIFE: i64 = 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// Address of the source that is asked, which the source can compare with its own.
    aud: &'a str,
    /// Number of the person at the hub; of the token for machines.
    sub: &'a str,
    iat: i64,
    exp: i64,
}

/// The viewer as statements name it.
#[must_use]
pub fn subject(viewer: &Viewer) -> String {
    match (viewer.staff, viewer.token) {
        (Some(staff), _) => format!("staff:{staff}"),
        (None, Some(token)) => format!("token:{token}"),
        _ => "anonymous".to_owned(),
    }
}

/// Makes statements about a subject, for the source at an address; each is used for some seconds.
///
/// # Errors
/// The signing key cannot be read.
pub async fn maker<'a>(hub: &'a Hub, subject: &'a str) -> Result<impl Fn(&str) -> Arc<str> + Sync + use<'a>, Error> {
    let (kid, key) = identity::signing_key(hub).await?;
    let now = hub.clock.now().timestamp();
    let sign = move |address: &str| {
        let claims = Claims { iss: &hub.settings.public_url, aud: address, sub: subject, iat: now, exp: now + LIFE };
        let typ = Some(TYPE.to_owned());
        let header = Header { kid: Some(kid.clone()), typ, ..Header::new(Algorithm::EdDSA) };
        // A key that opened once signs; should it not, the source is asked without a statement and may refuse.
        encode(&header, &claims, &key).unwrap_or_default()
    };
    Ok(move |address: &str| hub.federation.statements.get(subject, address, now, || sign(address)))
}
