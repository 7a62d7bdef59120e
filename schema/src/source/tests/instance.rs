//! Two real instances: one joins the other over HTTP, and answers for everything.

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use chrono::Days;
use groupgraph_entities::{lead, ticket};
use sea_orm::EntityTrait;
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
        cache: std::time::Duration::ZERO,
    };
    let check = hub.hub.federation.check(&endpoint, "", &crate::federation::handshake::Dialect::Native).await;
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
        instance: Some(subsidiary.hub.instance),
        mappings: None,
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

/// A subsidiary with leads and tickets that tie in many ways.
async fn subsidiary(seed: usize) -> Fixture {
    let fixture = Fixture::new().await;
    let now = fixture.hub.clock.now();
    let names = ["Ada", "ada", "ADA", "école", "École", "éclair", "Zoë", "ZOË", "_", "Öl", "öl", "ß"];
    let leads = (0..12_usize).map(|index| {
        let turn = index * 7 + seed;
        lead::ActiveModel {
            tenant_id: Set(1),
            name: Set(names[turn % names.len()].into()),
            state: Set("OPEN".into()),
            is_public: Set(true),
            value_minor: Set((!turn.is_multiple_of(4)).then(|| i64::try_from(turn % 3).unwrap() * 100)),
            value_currency: Set((!turn.is_multiple_of(4)).then(|| "EUR".into())),
            created_at: Set(now + Days::new(u64::try_from(turn % 5).unwrap())),
            updated_at: Set(now),
            ..Default::default()
        }
    });
    lead::Entity::insert_many(leads).exec(&fixture.hub.database.write).await.unwrap();
    let tickets = (0..9).map(|index| ticket::ActiveModel {
        tenant_id: Set(1),
        kind: Set("SUPPORT".into()),
        key: Set(format!("T-{index}")),
        subject: Set(format!("Ticket {index}")),
        status: Set("OPEN".into()),
        priority: Set((index % 5 > 0).then_some(1 + index % 4)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    ticket::Entity::insert_many(tickets).exec(&fixture.hub.database.write).await.unwrap();
    fixture
}

/// A hub with three such subsidiaries.
async fn group() -> Fixture {
    let hub = Fixture::new().await;
    for (seed, namespace) in ["head-office", "daughter", "sister"].into_iter().enumerate() {
        let subsidiary = subsidiary(seed).await;
        let endpoint = serve(&subsidiary).await;
        let instance = Some(subsidiary.hub.instance);
        let myself = Subsidiary { endpoint, credential: "the-credential".into(), instance, mappings: None };
        let token = admin::invite(&hub.hub, namespace, 24).await.unwrap();
        join(&serve(&hub).await, &token, &myself).await.unwrap();
    }
    hub
}

/// Ids of all rows of a global list, page by page.
async fn walk(hub: &Fixture, list: &str, order: &str) -> Vec<String> {
    let schema = crate::schema(hub.hub.clone());
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!(
            "{{ page: {list}(first: 4, orderBy: [{order}]{after}) {{ nodes {{ id tenant {{ name }} }} totalCount \
             pageInfo {{ hasNextPage endCursor }} sources {{ status code message }} }} }}"
        );
        let request = async_graphql::Request::new(query).data(administrator());
        let answer = serde_json::to_value(schema.execute(request).await).unwrap();
        let page = &answer["data"]["page"];
        let sources = page["sources"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert!(sources.iter().all(|source| source["status"] == "OK"), "{order}: {sources:?}");
        ids.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return ids;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
}

#[tokio::test]
async fn a_hub_walks_its_instances_in_every_order() {
    let hub = group().await;
    let orders = ["NUMBER", "NAME", "VALUE", "CREATED_AT", "LAST_CONTACTED_AT"];
    let leads = orders.iter().map(|order| ("globalLeads", *order, 36));
    for (list, field, count) in leads.chain([("globalTickets", "PRIORITY", 27), ("globalTickets", "SUBJECT", 27)]) {
        for direction in ["ASC", "DESC"] {
            let ids = walk(&hub, list, &format!("{{field: {field}, direction: {direction}}}")).await;
            assert_eq!(ids.len(), count, "{field} {direction}");
            let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(distinct.len(), count, "{field} {direction}");
        }
    }
}
