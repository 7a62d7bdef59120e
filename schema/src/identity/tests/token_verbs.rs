//! Tokens that viewers make: for their tools, for machines, for the launcher.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use groupgraph_entities::access_token;
use sea_orm::EntityTrait;
use serde_json::json;

use super::*;
use crate::viewer::{Permissions, Reach};

#[tokio::test]
async fn a_personal_token_is_shown_once_and_stored_hashed() {
    let fixture = Fixture::new().await;
    let viewer = fixture.ada().await;
    let input = json!({"kind": "PERSONAL", "name": " Reports ", "permissions": ["leads.read"], "expiresAt": "2027-01-16T00:00:00Z"});
    let payload = fixture.call(&viewer, "createAccessToken", input).await;
    let secret = text(&payload, "secret");
    assert!(secret.starts_with("ggp_"));
    let stored = access_token::Entity::find_by_id(row(&payload, "accessToken")).one(&fixture.hub.database.read).await;
    let stored = stored.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.kind.as_str()), ("Reports", "PERSONAL"));
    assert!(!stored.secret_hash.unwrap().contains(&secret[4..]));
    assert_eq!(fixture.last_log().await.description, "Token created: Reports");
    assert!(fixture.viewer(&secret).await.unwrap().may("leads.read"));
    fixture.pass(TimeDelta::days(1));
    assert!(matches!(fixture.viewer(&secret).await, Err(AuthenticateError::Expired)));
}

#[tokio::test]
async fn nobody_gives_away_more_than_they_have() {
    let fixture = Fixture::new().await;
    let ada = fixture.ada().await;
    let create = async |viewer: &Viewer, input: serde_json::Value| {
        let (code, field, _) = failure(fixture.call(viewer, "createAccessToken", input).await);
        (code, field)
    };
    let beyond = json!({"kind": "PERSONAL", "name": "x", "permissions": ["leads.read", "sources.manage"]});
    assert_eq!(create(&ada, beyond).await, (Code::Forbidden, "permissions.1".into()));
    let words = json!({"kind": "PERSONAL", "name": "x", "permissions": ["leads.read"]});
    let secret = text(&fixture.call(&ada, "createAccessToken", words).await, "secret");
    let narrowed = fixture.viewer(&secret).await.unwrap();
    let whole = json!({"kind": "PERSONAL", "name": "x"});
    assert_eq!(create(&narrowed, whole.clone()).await, (Code::Forbidden, "permissions".into()));
    let key = json!({"kind": "API_KEY", "name": "x", "permissions": ["leads.read"]});
    assert_eq!(create(&narrowed, key).await, (Code::Forbidden, "kind".into()));
    assert!(fixture.call(&ada, "createAccessToken", whole).await.is_ok());
}

#[tokio::test]
async fn inputs_are_checked() {
    let fixture = Fixture::new().await;
    let ada = fixture.ada().await;
    for (input, expected) in [
        (json!({"kind": "PERSONAL", "name": " "}), (Code::Required, "name")),
        (json!({"kind": "PERSONAL", "name": "x".repeat(201)}), (Code::TooLarge, "name")),
        (json!({"kind": "DEVICE", "name": "x"}), (Code::Invalid, "kind")),
        (json!({"kind": "API_KEY", "name": "x"}), (Code::Required, "permissions")),
        (json!({"kind": "API_KEY", "name": "x", "permissions": []}), (Code::Required, "permissions")),
        (
            json!({"kind": "PERSONAL", "name": "x", "permissions": ["leads.raed"]}),
            (Code::UnknownValue, "permissions.0"),
        ),
        (
            json!({"kind": "PERSONAL", "name": "x", "expiresAt": "2020-01-01T00:00:00Z"}),
            (Code::InvalidDate, "expiresAt"),
        ),
    ] {
        let (code, field, _) = failure(fixture.call(&ada, "createAccessToken", input.clone()).await);
        assert_eq!((code, field.as_str()), expected, "{input}");
    }
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_maker() {
    let fixture = Fixture::new().await;
    let key = json!({"kind": "API_KEY", "name": "Machine", "permissions": ["leads.read", "tokens.manage"]});
    for (viewer, reach) in [(fixture.ada().await, Reach::Some(vec![1])), (fixture.grace().await, Reach::All)] {
        let secret = text(&fixture.call(&viewer, "createAccessToken", key.clone()).await, "secret");
        assert!(secret.starts_with("ggk_"));
        let machine = fixture.viewer(&secret).await.unwrap();
        assert_eq!((machine.staff, &machine.tenants), (None, &reach));
        let personal = json!({"kind": "PERSONAL", "name": "x"});
        assert_eq!(code(fixture.call(&machine, "createAccessToken", personal).await), Code::Forbidden);
        assert!(fixture.call(&machine, "createAccessToken", key.clone()).await.is_ok());
        assert_eq!(code(fixture.call(&machine, "signOut", json!({})).await), Code::WrongState);
        let change = json!({"currentPassword": PASSWORD, "password": PASSWORD});
        assert_eq!(code(fixture.call(&machine, "changePassword", change).await), Code::WrongState);
    }
}

#[tokio::test]
async fn own_tokens_are_revoked_and_others_only_by_those_who_may() {
    let fixture = Fixture::new().await;
    let (ada, grace) = (fixture.ada().await, fixture.grace().await);
    let create = async |viewer: &Viewer| {
        let payload = fixture.call(viewer, "createAccessToken", json!({"kind": "PERSONAL", "name": "x"})).await;
        (row(&payload, "accessToken"), text(&payload, "secret"))
    };
    let revoke = async |viewer: &Viewer, reference: serde_json::Value| {
        fixture.call(viewer, "revokeAccessToken", json!({"accessToken": reference})).await
    };
    let (number, secret) = create(&ada).await;
    for _ in 0..2 {
        assert_eq!(row(&revoke(&ada, json!({"number": number})).await, "accessToken"), number);
    }
    assert!(matches!(fixture.viewer(&secret).await, Err(AuthenticateError::Revoked)));
    let (number, secret) = create(&grace).await;
    let without = Viewer { permissions: Permissions::default(), ..ada.clone() };
    assert_eq!(code(revoke(&without, json!({"number": number})).await), Code::NotFound);
    let elsewhere = Viewer { tenants: Reach::Some(vec![2]), ..ada.clone() };
    assert_eq!(code(revoke(&elsewhere, json!({"number": number})).await), Code::NotFound);
    assert!(fixture.viewer(&secret).await.is_ok());
    let id = URL_SAFE_NO_PAD.encode(format!("AccessToken:{}:{number}", Uuid::nil()));
    assert!(revoke(&ada, json!({"id": id})).await.is_ok());
    assert!(matches!(fixture.viewer(&secret).await, Err(AuthenticateError::Revoked)));
    assert_eq!(code(revoke(&ada, json!({"number": 999})).await), Code::NotFound);
    assert_eq!(code(revoke(&ada, json!(null)).await), Code::Required);
    let foreign = URL_SAFE_NO_PAD.encode(format!("AccessToken:{}:{number}", Uuid::max()));
    assert_eq!(code(revoke(&ada, json!({"id": foreign})).await), Code::NotFound);
}

#[tokio::test]
async fn a_launcher_token_opens_once() {
    let fixture = Fixture::new().await;
    let issue = async |input: serde_json::Value| {
        text(&fixture.call(&fixture.grace().await, "issueLauncherToken", input).await, "token")
    };
    let redeem = async |token: &str, email: &str| {
        fixture.anonymous("redeemLauncherToken", json!({"token": token, "email": email})).await
    };
    let token = issue(json!({"staff": {"number": fixture.ada}})).await;
    assert_eq!(row(&redeem(&token, EMAIL).await, "staff"), fixture.ada);
    assert_eq!(code(redeem(&token, EMAIL).await), Code::Invalid);
    let token = issue(json!({})).await;
    assert_eq!(row(&redeem(&token, "Grace@example.com").await, "staff"), fixture.grace);
    let token = issue(json!({"staff": {"number": fixture.ada}})).await;
    assert_eq!(code(redeem(&token, "grace@example.com").await), Code::Invalid);
    assert_eq!(code(redeem(&token, EMAIL).await), Code::Invalid);
    let token = issue(json!({"staff": {"number": fixture.ada}})).await;
    fixture.pass(TimeDelta::minutes(5));
    assert_eq!(code(redeem(&token, EMAIL).await), Code::Expired);
    assert_eq!(code(redeem("ggl_made_up", EMAIL).await), Code::Invalid);
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Invalid)));
}

#[tokio::test]
async fn a_launcher_token_is_for_people_within_reach() {
    let fixture = Fixture::new().await;
    let elsewhere = Viewer { staff: None, tenants: Reach::Some(vec![2]), ..fixture.grace().await };
    let input = json!({"staff": {"number": fixture.ada}});
    assert_eq!(code(fixture.call(&elsewhere, "issueLauncherToken", input).await), Code::NotFound);
    assert_eq!(code(fixture.call(&elsewhere, "issueLauncherToken", json!({})).await), Code::Required);
}
