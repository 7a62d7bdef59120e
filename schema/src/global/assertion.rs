//! The short signed statement of who asks, for each source: so that a subsidiary can enforce and record it.

use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;

use crate::{engine::request::Request, error::Error, federation::registry::Source, identity};

/// How long a statement holds, in seconds: one call and the difference of two clocks.
const LIFE: i64 = 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// The source that is asked.
    aud: &'a str,
    /// Number of the person at the hub; of the token for machines.
    sub: String,
    iat: i64,
    exp: i64,
}

/// Makes a statement about the viewer for a source.
///
/// # Errors
/// The signing key cannot be read.
pub async fn maker(request: &Request<'_>) -> Result<impl Fn(&Source) -> String + Sync, Error> {
    let (kid, key) = identity::signing_key(request.hub).await?;
    let viewer = request.viewer;
    let sub = match (viewer.staff, viewer.token) {
        (Some(staff), _) => format!("staff:{staff}"),
        (None, Some(token)) => format!("token:{token}"),
        _ => "anonymous".to_owned(),
    };
    let issuer = request.hub.settings.public_url.clone();
    let now = request.hub.clock.now().timestamp();
    Ok(move |source: &Source| {
        let claims = Claims { iss: &issuer, aud: &source.name, sub: sub.clone(), iat: now, exp: now + LIFE };
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        // A key that opened once signs; should it not, the source is asked without a statement and may refuse.
        encode(&header, &claims, &key).unwrap_or_default()
    })
}
