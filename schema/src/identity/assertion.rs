//! Statements by which this hub tells a subsidiary who asks. They are signed like access tokens but are worth nothing
//! as such: another audience and type.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;

use super::keys::{self, Signer};
use crate::{error::Error, hub::Hub, viewer::Viewer};

const TYPE: &str = "groupgraph-assertion+jwt";
/// How long one may travel.
const LIFE: TimeDelta = TimeDelta::minutes(1);

/// Makes the statements of one request.
pub struct Assertions {
    signer: Signer,
    issuer: String,
    subject: String,
    now: DateTime<Utc>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
}

impl Assertions {
    /// For a viewer: `staff:NUMBER`, `token:NUMBER` for a machine, `hub` for nobody in particular.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn new(hub: &Hub, viewer: &Viewer) -> Result<Self, Error> {
        let subject = match (viewer.staff, viewer.token) {
            (Some(staff), _) => format!("staff:{staff}"),
            (None, Some(token)) => format!("token:{token}"),
            (None, None) => "hub".to_owned(),
        };
        let issuer = hub.settings.public_url.clone();
        Ok(Self { signer: keys::signer(hub).await?, issuer, subject, now: hub.clock.now() })
    }

    /// The statement for one audience: the address of a source.
    ///
    /// # Panics
    /// The signing key cannot sign, which `identity::start` has ruled out.
    #[must_use]
    pub fn to(&self, audience: &str) -> String {
        let claims = Claims {
            iss: &self.issuer,
            aud: audience,
            sub: &self.subject,
            iat: self.now.timestamp(),
            exp: (self.now + LIFE).timestamp(),
        };
        let typ = Some(TYPE.to_owned());
        let header = Header { kid: Some(self.signer.kid.clone()), typ, ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &self.signer.key).expect("a key that signs access tokens signs this")
    }
}
