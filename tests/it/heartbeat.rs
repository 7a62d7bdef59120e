//! A subsidiary says by itself that it is alive.

use std::time::Duration;

use groupgraph_schema::source::{JoinError, renew_lease};
use serde_json::{Value, json};

use crate::support::{TestApp, app::DAUGHTER, source::Subsidiary};

#[tokio::test]
async fn a_subsidiary_renews_its_lease_by_itself() {
    let hub = TestApp::start().await;
    let admin = hub.administrator().await;
    Subsidiary::start().await.join(&hub, &admin, DAUGHTER).await;
    let address = format!("http://{}", hub.serve().await);
    let key = hub.machine_of(DAUGHTER, &["sources.heartbeat"]).await.token.expect("machines have tokens");
    let lease = async || admin.query("{ sources { leaseExpiresAt } }").await.data("sources.0.leaseExpiresAt").clone();
    assert_eq!(lease().await, Value::Null);
    let _subsidiary = TestApp::builder().set("heartbeat.hub", &address).set("heartbeat.token", &key).start().await;
    for _ in 0..200 {
        if lease().await != Value::Null {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(lease().await, json!("2026-05-19T12:01:20Z"));
}

#[tokio::test]
async fn a_hub_that_refuses_a_sign_of_life_is_told_apart_from_none() {
    let hub = TestApp::start().await;
    let address = format!("http://{}", hub.serve().await);
    let key = hub.machine_of(DAUGHTER, &["sources.heartbeat"]).await.token.expect("machines have tokens");
    let refused = renew_lease(&address, &key, uuid::Uuid::nil()).await;
    assert!(
        matches!(&refused, Err(JoinError::Refused(message)) if message == "Your company has no source."),
        "{refused:?}"
    );
    let nobody = renew_lease("http://127.0.0.1:1", &key, uuid::Uuid::nil()).await;
    assert!(matches!(nobody, Err(JoinError::Unreachable(_))), "{nobody:?}");
}
