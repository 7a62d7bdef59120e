//! Stand-ins for what the schema crate will offer under the same names. Each goes when the real one is there.

use std::net::IpAddr;

use async_graphql::{EmptyMutation, EmptySubscription, Object};
use groupgraph_schema::hub::Hub;

/// `groupgraph_schema::Schema`
pub type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// The root of queries.
pub struct Query;

#[Object]
impl Query {
    /// Identifier of this instance.
    #[expect(clippy::unused_async, reason = "the macro wants it")]
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
