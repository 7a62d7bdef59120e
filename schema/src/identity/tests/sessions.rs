//! Signing in, refreshing, signing out.

use chrono::TimeDelta;
use groupgraph_entities::{access_token, staff};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_person_signs_in_with_a_pair() {
    let fixture = Fixture::new().await;
    let input = json!({"email": " ADA@example.com", "password": PASSWORD, "deviceName": "Phone", "format": "SIGNED"});
    let payload = fixture.anonymous("signIn", input).await;
    assert_eq!(row(&payload, "staff"), fixture.ada);
    assert_eq!(text(&payload, "expiresAt"), "2027-01-15T08:15:00Z");
    let viewer = fixture.viewer(&text(&payload, "accessToken")).await.unwrap();
    assert_eq!((viewer.staff, viewer.tenant), (Some(fixture.ada), Some(1)));
    let device = access_token::Entity::find_by_id(viewer.token.unwrap()).one(&fixture.hub.database.read).await.unwrap();
    assert_eq!(device.unwrap().name, "Phone");
    let person = staff::Entity::find_by_id(fixture.ada).one(&fixture.hub.database.read).await.unwrap().unwrap();
    assert_eq!(person.last_signed_in_at, Some(fixture.hub.clock.now()));
    let line = fixture.last_log().await;
    assert_eq!((line.kind.as_deref(), line.description.as_str()), (Some("session"), "Signed in on Phone"));
}

#[tokio::test]
async fn an_opaque_token_lasts_until_it_is_revoked() {
    let fixture = Fixture::new().await;
    let payload = fixture.anonymous("signIn", json!({"email": EMAIL, "password": PASSWORD, "format": "OPAQUE"})).await;
    assert_eq!(payload.as_ref().unwrap().members.len(), 2);
    let token = text(&payload, "accessToken");
    assert!(token.contains("|ggd_"), "{token}");
    fixture.pass(TimeDelta::days(400));
    let viewer = fixture.viewer(&token).await.unwrap();
    assert_eq!(plain(&fixture.call(&viewer, "signOut", json!({})).await, "revokedCount"), 1);
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn every_wrong_sign_in_looks_the_same() {
    let fixture = Fixture::new().await;
    let expected = (Code::Invalid, String::new(), "E-mail address or password is wrong.".to_owned());
    assert_eq!(failure(fixture.sign_in(EMAIL, "wrong horse").await), expected);
    assert_eq!(fixture.last_log().await.description, "Failed to sign in");
    assert_eq!(failure(fixture.sign_in("nobody@example.com", "wrong horse").await), expected);
    assert_eq!(failure(fixture.sign_in("grace@example.com", &"x".repeat(5000)).await), expected);
    deactivate(&fixture).await;
    assert_eq!(failure(fixture.sign_in(EMAIL, PASSWORD).await), expected);
}

#[tokio::test]
async fn failures_are_limited_per_account() {
    let fixture = Fixture::new().await;
    for email in [EMAIL, "nobody@example.com"] {
        for attempt in 0..5 {
            let address = format!("192.0.2.{attempt}");
            let input = json!({"email": email, "password": "wrong horse"});
            assert_eq!(code(fixture.call_from(&address, &Viewer::default(), "signIn", input).await), Code::Invalid);
        }
        assert_eq!(code(fixture.sign_in(email, PASSWORD).await), Code::TooEarly);
    }
    assert!(fixture.sign_in("grace@example.com", PASSWORD).await.is_ok());
    fixture.pass(TimeDelta::minutes(16));
    assert!(fixture.sign_in(EMAIL, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn success_forgives_failures() {
    let fixture = Fixture::new().await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(code(fixture.sign_in(EMAIL, "wrong horse").await), Code::Invalid);
        }
        assert!(fixture.sign_in(EMAIL, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn failures_are_limited_per_address() {
    let fixture = Fixture::new().await;
    for number in 0..50 {
        let email = format!("nobody{number}@example.com");
        assert_eq!(code(fixture.sign_in(&email, "wrong horse").await), Code::Invalid);
    }
    assert_eq!(code(fixture.sign_in(EMAIL, PASSWORD).await), Code::TooEarly);
    let input = json!({"email": EMAIL, "password": PASSWORD});
    assert!(fixture.call_from("198.51.100.7", &Viewer::default(), "signIn", input).await.is_ok());
}

#[tokio::test]
async fn a_session_is_refreshed_again_and_again() {
    let fixture = Fixture::new().await;
    let (mut access, mut refresh) = fixture.session().await;
    for _ in 0..4 {
        fixture.pass(TimeDelta::days(20));
        assert!(matches!(fixture.viewer(&access).await, Err(AuthenticateError::Expired)));
        let payload = fixture.anonymous("refreshSession", json!({"refreshToken": refresh})).await;
        (access, refresh) = (text(&payload, "accessToken"), text(&payload, "refreshToken"));
        assert_eq!(fixture.viewer(&access).await.unwrap().staff, Some(fixture.ada));
    }
    fixture.pass(TimeDelta::days(31));
    let outcome = fixture.anonymous("refreshSession", json!({"refreshToken": refresh})).await;
    assert_eq!(code(outcome), Code::Expired);
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_revokes_the_device() {
    let fixture = Fixture::new().await;
    let (_, other) = fixture.session().await;
    let (_, first) = fixture.session().await;
    let payload = fixture.anonymous("refreshSession", json!({"refreshToken": first})).await;
    let (access, second) = (text(&payload, "accessToken"), text(&payload, "refreshToken"));
    assert_eq!(code(fixture.anonymous("refreshSession", json!({"refreshToken": first})).await), Code::Expired);
    assert_eq!(fixture.last_log().await.kind.as_deref(), Some("security"));
    assert!(matches!(fixture.viewer(&access).await, Err(AuthenticateError::Revoked)));
    assert_eq!(code(fixture.anonymous("refreshSession", json!({"refreshToken": second})).await), Code::Expired);
    assert!(fixture.anonymous("refreshSession", json!({"refreshToken": other})).await.is_ok());
    let unknown = fixture.anonymous("refreshSession", json!({"refreshToken": "ggr_made_up"})).await;
    assert_eq!(failure(unknown).1, "refreshToken");
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let fixture = Fixture::new().await;
    let (first, refresh) = fixture.session().await;
    let (second, _) = fixture.session().await;
    let (third, _) = fixture.session().await;
    let viewer = fixture.viewer(&first).await.unwrap();
    assert_eq!(plain(&fixture.call(&viewer, "signOut", json!({"isEverywhere": false})).await, "revokedCount"), 1);
    assert!(matches!(fixture.viewer(&first).await, Err(AuthenticateError::Revoked)));
    assert_eq!(code(fixture.anonymous("refreshSession", json!({"refreshToken": refresh})).await), Code::Expired);
    let viewer = fixture.viewer(&second).await.unwrap();
    assert_eq!(plain(&fixture.call(&viewer, "signOut", json!({"isEverywhere": true})).await, "revokedCount"), 2);
    assert!(matches!(fixture.viewer(&third).await, Err(AuthenticateError::Revoked)));
    assert_eq!(fixture.last_log().await.description, "Signed out on all devices");
}

async fn deactivate(fixture: &Fixture) {
    let row = staff::ActiveModel { id: Set(fixture.ada), is_active: Set(false), ..Default::default() };
    row.update(&fixture.hub.database.write).await.unwrap();
}

#[tokio::test]
async fn deactivating_ends_all_that_a_person_holds() {
    let fixture = Fixture::new().await;
    let (access, refresh) = fixture.session().await;
    deactivate(&fixture).await;
    assert!(matches!(fixture.viewer(&access).await, Err(AuthenticateError::Invalid)));
    assert_eq!(code(fixture.anonymous("refreshSession", json!({"refreshToken": refresh})).await), Code::Expired);
}

#[tokio::test]
async fn many_attempts_at_once_are_limited_too() {
    let fixture = Fixture::new().await;
    let attempts = (0..20).map(|_| fixture.sign_in(EMAIL, "wrong horse"));
    let codes: Vec<Code> = futures_util::future::join_all(attempts).await.into_iter().map(code).collect();
    let tried = codes.iter().filter(|code| **code == Code::Invalid).count();
    assert!(tried <= 5, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Code::Invalid | Code::TooEarly)), "{codes:?}");
}
