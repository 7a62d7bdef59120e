//! Makes the subsidiaries sources of the hub, over HTTP as any subsidiary would. It must not know how they are served.

use groupgraph_schema::{
    identity::admin::{self as accounts, NewToken, Owner},
    source::{self, Subsidiary, admin},
};

use super::{DemoError, place::Place};

/// How long the hub may wait to be called with the token.
const TOKEN_HOURS: u32 = 1;

/// Registers those subsidiaries that are not yet sources at their address. All of them must be served.
///
/// # Errors
/// A database is out of reach, or the hub refuses a subsidiary.
pub async fn join(hub: &Place, subsidiaries: &[Place]) -> Result<(), DemoError> {
    let known = admin::list(&hub.hub).await?;
    if !known.iter().any(|line| line.mode == "LOCAL") {
        admin::own(&hub.hub, &hub.profile.namespace).await?;
    }
    for place in subsidiaries {
        let endpoint = format!("{}/graphql", place.url());
        let line = known.iter().find(|line| line.tenant == place.profile.name);
        if line.is_some_and(|line| line.state == "ACTIVE" && line.endpoint.as_ref() == Some(&endpoint)) {
            continue;
        }
        if let Some(line) = line {
            admin::remove(&hub.hub, line.number).await?;
        }
        register(hub, place, endpoint).await?;
        println!("{} has joined {}", place.profile.name, hub.profile.name);
    }
    Ok(hub.hub.federation.reload(&hub.hub.database, &hub.hub.sealing).await?)
}

async fn register(hub: &Place, place: &Place, endpoint: String) -> Result<(), DemoError> {
    let key = NewToken {
        owner: Owner::Machine(Some(place.profile.namespace.clone())),
        name: format!("Hub of {}", hub.profile.name),
        permissions: Some(source::PERMISSIONS.iter().map(|word| (*word).to_owned()).collect()),
        expires_at: None,
    };
    let (_, credential) = accounts::create_token(&place.hub, key).await?;
    let token = admin::invite(&hub.hub, &place.profile.namespace, TOKEN_HOURS).await?;
    let instance = Some(place.hub.instance);
    let subsidiary = Subsidiary { endpoint, credential, instance, mappings: None };
    let joined = source::join(hub.url(), &token, &subsidiary).await;
    let joined = joined.map_err(|error| DemoError::Join(place.profile.name.clone(), error))?;
    for collection in joined.collections.iter().filter(|collection| !collection.is_offered) {
        let message = collection.message.as_deref().unwrap_or("no reason given");
        tracing::warn!(source = place.profile.name, collection = collection.collection, message, "not offered");
    }
    Ok(())
}
