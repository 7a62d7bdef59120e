//! The key pairs that sign access tokens: made, kept, rotated and published. It must not know what they sign.

use std::sync::{Arc, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::signing_key;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait,
    sea_query::Expr,
};
use serde_json::{Value, json};

use super::{opaque, tokens};
use crate::{error::Error, hub::Hub};

pub(super) const PURPOSE: &str = "signing keys";
/// How long a process may go on with the keys it knows, while another one rotates them.
const FRESH: TimeDelta = TimeDelta::minutes(1);
/// How soon an unknown key makes a process look again; forged tokens must not cost a statement each.
const RELOAD: TimeDelta = TimeDelta::seconds(1);

/// The keys that this process knows.
#[derive(Clone, Default)]
pub struct Keys(Arc<RwLock<Option<Arc<Ring>>>>);

struct Ring {
    loaded_at: DateTime<Utc>,
    signer: Option<Signer>,
    verifiers: Vec<Verifier>,
}

/// The key that signs now.
#[derive(Clone)]
pub(super) struct Signer {
    pub kid: String,
    pub key: EncodingKey,
}

struct Verifier {
    kid: String,
    key: DecodingKey,
    /// As published.
    public_key: String,
}

/// The key that signs now; made if there is none.
pub(super) async fn signer(hub: &Hub) -> Result<Signer, Error> {
    if let Some(signer) = &ring(hub, FRESH).await?.signer {
        return Ok(signer.clone());
    }
    insert(&hub.database.write, hub).await?;
    let ring = load(hub).await?;
    ring.signer.clone().ok_or_else(|| Error::internal("a new signing key is gone"))
}

/// The public key of this name; none if there is no such key or it has retired.
pub(super) async fn verifier(hub: &Hub, kid: &str) -> Result<Option<DecodingKey>, Error> {
    let mut ring = ring(hub, FRESH).await?;
    if ring.find(kid).is_none() {
        ring = self::ring(hub, RELOAD).await?;
    }
    Ok(ring.find(kid))
}

/// Public keys of all tokens that are still valid, as a JSON Web Key Set.
///
/// # Errors
/// The database is out of reach.
pub async fn jwks(hub: &Hub) -> Result<Value, Error> {
    let ring = ring(hub, FRESH).await?;
    let keys = ring.verifiers.iter().map(|verifier| {
        json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": verifier.kid, "x": verifier.public_key,
        })
    });
    Ok(json!({ "keys": keys.collect::<Vec<_>>() }))
}

/// Makes a new key, which signs from now on, and returns its name. The former ones verify until every token that
/// they signed, here or in another process, has ended.
///
/// # Errors
/// The database is out of reach.
pub async fn rotate(hub: &Hub) -> Result<String, Error> {
    let retired_at = hub.clock.now() + tokens::life(hub) + tokens::LEEWAY + FRESH;
    let transaction = hub.database.write.begin().await?;
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::RetiredAt, Expr::value(retired_at))
        .filter(signing_key::Column::RetiredAt.is_null())
        .exec(&transaction)
        .await?;
    let kid = insert(&transaction, hub).await?;
    transaction.commit().await?;
    load(hub).await?;
    Ok(kid)
}

async fn insert(connection: &impl ConnectionTrait, hub: &Hub) -> Result<String, Error> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let private = pair.to_pkcs8().map_err(Error::internal)?;
    let public_key = URL_SAFE_NO_PAD.encode(pair.public_key());
    let kid = opaque::hash(&public_key)[..16].to_owned();
    let row = signing_key::ActiveModel {
        kid: Set(kid.clone()),
        private_key_sealed: Set(hub.sealing.seal(PURPOSE, private.as_ref())),
        public_key: Set(public_key),
        created_at: Set(hub.clock.now()),
        ..Default::default()
    };
    signing_key::Entity::insert(row).exec(connection).await?;
    Ok(kid)
}

/// The known keys, read again if they are older than allowed.
async fn ring(hub: &Hub, oldest: TimeDelta) -> Result<Arc<Ring>, Error> {
    let known = hub.identity.keys.0.read().map_err(Error::internal)?.clone();
    match known {
        Some(ring) if hub.clock.now() - ring.loaded_at < oldest => Ok(ring),
        _ => load(hub).await,
    }
}

async fn load(hub: &Hub) -> Result<Arc<Ring>, Error> {
    let now = hub.clock.now();
    let retired_at = signing_key::Column::RetiredAt;
    let rows = signing_key::Entity::find()
        .filter(Condition::any().add(retired_at.is_null()).add(retired_at.gt(now)))
        .order_by_desc(signing_key::Column::Id)
        .all(&hub.database.read)
        .await?;
    let newest = rows.iter().find(|row| row.retired_at.is_none());
    let signer = newest.map(|row| open(hub, row)).transpose()?;
    let verifiers = rows.into_iter().map(verifier_of).collect::<Result<_, _>>()?;
    let ring = Arc::new(Ring { loaded_at: now, signer, verifiers });
    *hub.identity.keys.0.write().map_err(Error::internal)? = Some(ring.clone());
    Ok(ring)
}

fn open(hub: &Hub, row: &signing_key::Model) -> Result<Signer, Error> {
    let private = hub.sealing.open(PURPOSE, &row.private_key_sealed).map_err(|_| {
        Error::internal("the signing key was sealed with another auth.secret; restore that one or rotate the keys")
    })?;
    Ok(Signer { kid: row.kid.clone(), key: EncodingKey::from_ed_der(&private) })
}

fn verifier_of(row: signing_key::Model) -> Result<Verifier, Error> {
    let key = DecodingKey::from_ed_components(&row.public_key).map_err(Error::internal)?;
    Ok(Verifier { kid: row.kid, key, public_key: row.public_key })
}

impl Ring {
    fn find(&self, kid: &str) -> Option<DecodingKey> {
        self.verifiers.iter().find(|verifier| verifier.kid == kid).map(|verifier| verifier.key.clone())
    }
}
