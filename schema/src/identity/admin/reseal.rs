//! The secret of an instance, changed: all that is sealed with it is sealed anew, in one transaction.

use groupgraph_entities::{idempotency_key, signing_key, source};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, TransactionTrait};

use super::{super::keys, AdminError, refused};
use crate::{federation::registry::CREDENTIAL_PURPOSE, hub::Hub, sealing::Sealing};

/// How much was sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    pub sources: usize,
    pub keys: usize,
}

/// Seals credentials of sources and private keys with another secret. No server may run meanwhile; afterwards all must
/// be started with the new secret. Stored answers to repeated requests are forgotten.
///
/// # Errors
/// Something does not open with the secret of the hub, or the database is out of reach; then nothing has changed.
pub async fn reseal(hub: &Hub, new: &Sealing) -> Result<Resealed, AdminError> {
    let transaction = hub.database.write.begin().await?;
    let mut done = Resealed { sources: 0, keys: 0 };
    let again = |purpose: &str, sealed: &str, name: &str| {
        let opened = hub.sealing.open(purpose, sealed);
        let opened = opened.map_err(|_| refused(format!("{name} does not open with the secret in force.")))?;
        Ok::<_, AdminError>(new.seal(purpose, &opened))
    };
    for row in source::Entity::find().all(&transaction).await? {
        let Some(sealed) = row.credential_sealed.clone() else { continue };
        let sealed = again(CREDENTIAL_PURPOSE, &sealed, &format!("The credential of {}", row.name))?;
        let mut row = row.into_active_model();
        row.credential_sealed = Set(Some(sealed));
        row.update(&transaction).await?;
        done.sources += 1;
    }
    for row in signing_key::Entity::find().all(&transaction).await? {
        let sealed = again(keys::PURPOSE, &row.private_key_sealed, &format!("The key {}", row.kid))?;
        let mut row = row.into_active_model();
        row.private_key_sealed = Set(sealed);
        row.update(&transaction).await?;
        done.keys += 1;
    }
    idempotency_key::Entity::delete_many().exec(&transaction).await?;
    transaction.commit().await?;
    Ok(done)
}
