//! Two real instances: one joins the other over HTTP, and answers for everything.

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::{
    Schema,
    federation::registry::Endpoint,
    settings::Secret,
    source::{JoinError, PERMISSIONS, Subsidiary, admin, join},
};

/// Who holds the credential may read what a hub asks for; others are anonymous.
async fn serve(fixture: &Fixture) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let router = Router::new().route("/graphql", post(answer)).with_state(crate::schema(fixture.hub.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn answer(
    State(schema): State<Schema>,
    headers: HeaderMap,
    Json(request): Json<async_graphql::Request>,
) -> Json<async_graphql::Response> {
    let is_hub = headers.get("authorization").is_some_and(|header| header == "Bearer the-credential");
    let words = PERMISSIONS.iter().map(|word| (*word).to_owned()).collect();
    let machine =
        Viewer { token: Some(1), tenants: Reach::All, permissions: Permissions::Words(words), ..Viewer::default() };
    let viewer = if is_hub { machine } else { Viewer::default() };
    Json(schema.execute(request.data(viewer)).await)
}

#[tokio::test]
async fn an_instance_offers_all_that_a_source_may() {
    let (hub, subsidiary) = (Fixture::new().await, Fixture::new().await);
    let url = serve(&subsidiary).await;
    let endpoint = Endpoint {
        url,
        credential: Secret::new("the-credential"),
        timeout: std::time::Duration::from_secs(5),
        max_answer_bytes: 8_000_000,
    };
    let check = hub.hub.federation.check(&endpoint, "").await;
    assert!(check.is_accepted, "{:?}", check.messages);
    for state in &check.collections {
        assert!(state.is_offered, "{state:?}");
        assert!(state.missing_fields.is_empty(), "{state:?}");
    }
}

#[tokio::test]
async fn an_instance_joins_a_hub_over_http() {
    let (hub, subsidiary) = (Fixture::new().await, Fixture::new().await);
    let hub_url = serve(&hub).await;
    let myself = Subsidiary {
        endpoint: serve(&subsidiary).await,
        credential: "the-credential".into(),
        instance: subsidiary.hub.instance,
    };
    let token = admin::invite(&hub.hub, "daughter", 24).await.unwrap();
    let joined = join(hub_url.trim_end_matches("/graphql"), &token, &myself).await.unwrap();
    assert_eq!(joined.name, "Daughter");
    assert_eq!(joined.collections.len(), 12);
    assert!(matches!(join(&hub_url, &token, &myself).await, Err(JoinError::Refused(_))), "the token is used up");
    assert!(matches!(join("http://127.0.0.1:1", &token, &myself).await, Err(JoinError::Unreachable(_))));
    let row = json!(admin::list(&hub.hub).await.unwrap()[0].collections.len());
    assert_eq!(row, json!(12));
}
