//! The short signed statement of who asks, for each source: so that a subsidiary can enforce and record it. It is
//! signed like access tokens but worth nothing as one: it has another audience and type.

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
    sub: String,
    iat: i64,
    exp: i64,
}

/// Makes statements about the viewer for the source at an address.
///
/// # Errors
/// The signing key cannot be read.
pub async fn maker(hub: &Hub, viewer: &Viewer) -> Result<impl Fn(&str) -> String + Sync + use<>, Error> {
    let (kid, key) = identity::signing_key(hub).await?;
    let sub = match (viewer.staff, viewer.token) {
        (Some(staff), _) => format!("staff:{staff}"),
        (None, Some(token)) => format!("token:{token}"),
        _ => "anonymous".to_owned(),
    };
    let issuer = hub.settings.public_url.clone();
    let now = hub.clock.now().timestamp();
    Ok(move |address: &str| {
        let claims = Claims { iss: &issuer, aud: address, sub: sub.clone(), iat: now, exp: now + LIFE };
        let typ = Some(TYPE.to_owned());
        let header = Header { kid: Some(kid.clone()), typ, ..Header::new(Algorithm::EdDSA) };
        // A key that opened once signs; should it not, the source is asked without a statement and may refuse.
        encode(&header, &claims, &key).unwrap_or_default()
    })
}
