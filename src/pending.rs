//! Stand-ins for what the schema crate will offer under the same names. Each goes when the real one is there.

use std::net::IpAddr;

use async_graphql::{EmptyMutation, EmptySubscription, Object};
use groupgraph_schema::{
    error::{ClientError, Error},
    hub::Hub,
    viewer::Viewer,
};

/// `groupgraph_schema::Schema`
pub type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// The root of queries.
pub struct Query;

#[Object]
impl Query {
    /// Identifier of this instance.
    async fn instance(&self, context: &async_graphql::Context<'_>) -> async_graphql::Result<String> {
        Ok(context.data::<Hub>()?.instance.to_string())
    }
}

/// `groupgraph_schema::schema`
#[must_use]
pub fn schema(hub: Hub) -> Schema {
    async_graphql::Schema::build(Query, EmptyMutation, EmptySubscription).data(hub).finish()
}

/// `groupgraph_schema::sdl`
#[must_use]
pub fn sdl() -> String {
    async_graphql::Schema::new(Query, EmptyMutation, EmptySubscription).sdl()
}

/// `groupgraph_schema::viewer::CallerAddress`
#[derive(Clone, Copy, Debug)]
pub struct CallerAddress(pub IpAddr);

/// `groupgraph_schema::identity::authenticate`
///
/// # Errors
/// The token is not valid.
pub async fn authenticate(_hub: &Hub, bearer: Option<&str>) -> Result<Viewer, Error> {
    match bearer {
        None => Ok(Viewer::default()),
        Some(_) => Err(ClientError::Unauthenticated.into()),
    }
}

/// `groupgraph_schema::identity::public_keys`: the JSON Web Key Set.
///
/// # Errors
/// The database is out of reach.
pub async fn public_keys(_hub: &Hub) -> Result<serde_json::Value, Error> {
    Ok(serde_json::json!({ "keys": [] }))
}

/// `groupgraph_schema::file::Content`
pub struct Content {
    /// Name as it was uploaded.
    pub name: String,
    /// Media type as found in the bytes.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// `groupgraph_schema::file::open`: what a signed link points to; none if the link is forged, expired, or dead.
///
/// # Errors
/// The database or the store is out of reach.
pub async fn open_file(_hub: &Hub, _token: &str) -> Result<Option<Content>, Error> {
    Ok(None)
}
