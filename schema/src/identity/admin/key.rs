//! Signing keys: listed, rotated.

use chrono::{DateTime, Utc};
use groupgraph_entities::signing_key;
use sea_orm::{EntityTrait, QueryOrder};

use super::{super::keys, AdminError};
use crate::hub::Hub;

/// A signing key in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    pub kid: String,
    pub created_at: DateTime<Utc>,
    /// When it stops or stopped to verify; none for the one that signs.
    pub retired_at: Option<DateTime<Utc>>,
}

/// All keys, the newest first.
///
/// # Errors
/// The database is out of reach.
pub async fn list_keys(hub: &Hub) -> Result<Vec<KeyLine>, AdminError> {
    let rows = signing_key::Entity::find().order_by_desc(signing_key::Column::Id).all(&hub.database.read).await?;
    let line =
        |key: signing_key::Model| KeyLine { kid: key.kid, created_at: key.created_at, retired_at: key.retired_at };
    Ok(rows.into_iter().map(line).collect())
}

/// Makes a new key and returns its name; nobody is signed out.
///
/// # Errors
/// The database is out of reach.
pub async fn rotate_keys(hub: &Hub) -> Result<String, AdminError> {
    Ok(keys::rotate(hub).await?)
}
