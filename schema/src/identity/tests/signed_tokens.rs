//! What is believed of a signed token, and the keys behind it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use groupgraph_entities::staff;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

use super::{super::keys, *};

fn part(token: &str, index: usize) -> serde_json::Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_names_key_session_and_person() {
    let fixture = Fixture::new().await;
    let (token, _) = fixture.session().await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let jwks = keys::jwks(&fixture.hub).await.unwrap();
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &jwks["keys"][0]["kid"]));
    assert_eq!(jwks["keys"][0]["crv"], "Ed25519");
    assert!(jwks["keys"][0].get("d").is_none());
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://hub.example"), &json!("groupgraph")));
    assert_eq!(claims["sub"], fixture.ada.to_string());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
}

#[tokio::test]
async fn a_token_ends_after_its_minutes() {
    let fixture = Fixture::new().await;
    let (token, _) = fixture.session().await;
    fixture.pass(TimeDelta::seconds(899));
    assert!(fixture.viewer(&token).await.is_ok());
    fixture.pass(TimeDelta::seconds(11));
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Expired)));
}

#[tokio::test]
async fn a_raised_epoch_ends_signed_tokens() {
    let fixture = Fixture::new().await;
    let (token, _) = fixture.session().await;
    let row = staff::ActiveModel { id: Set(fixture.ada), session_epoch: Set(1), ..Default::default() };
    row.update(&fixture.hub.database.write).await.unwrap();
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn rotated_keys_verify_until_their_tokens_have_ended() {
    let fixture = Fixture::new().await;
    let (old, _) = fixture.session().await;
    let kid = keys::rotate(&fixture.hub).await.unwrap();
    let (new, _) = fixture.session().await;
    assert_eq!(part(&new, 0)["kid"], kid);
    assert_ne!(part(&old, 0)["kid"], kid);
    assert!(fixture.viewer(&old).await.is_ok() && fixture.viewer(&new).await.is_ok());
    assert_eq!(keys::jwks(&fixture.hub).await.unwrap()["keys"].as_array().unwrap().len(), 2);
    fixture.pass(TimeDelta::minutes(17));
    assert_eq!(keys::jwks(&fixture.hub).await.unwrap()["keys"].as_array().unwrap().len(), 1);
    assert!(matches!(fixture.viewer(&old).await, Err(AuthenticateError::Invalid)));
}

#[tokio::test]
async fn another_process_learns_of_a_rotation() {
    let fixture = Fixture::new().await;
    fixture.session().await;
    let folder = fixture.mail.parent().unwrap().join("other");
    let other = hub(fixture.hub.database.clone(), fixture.now.clone(), &folder);
    super::super::start(&other).await.unwrap();
    keys::rotate(&fixture.hub).await.unwrap();
    let (new, _) = fixture.session().await;
    fixture.pass(TimeDelta::seconds(1));
    assert!(authenticate(&other, Some(&new)).await.is_ok());
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let fixture = Fixture::new().await;
    let (token, _) = fixture.session().await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let kid = header["kid"].as_str().unwrap().to_owned();
    let public = keys::jwks(&fixture.hub).await.unwrap()["keys"][0]["x"].as_str().unwrap().to_owned();
    let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut forged = vec![String::new(), ".".into(), "..".into(), "a.b.c".into(), token[..token.len() - 4].into()];
    for algorithm in ["none", "None", "NONE", "HS256", "EdDSA"] {
        let header = json!({"alg": algorithm, "kid": kid, "typ": "JWT"});
        forged.push(format!("{}.{}.", encoded(&header), encoded(&claims)));
    }
    let secrets = [public.clone().into_bytes(), URL_SAFE_NO_PAD.decode(&public).unwrap(), Vec::new()];
    for secret in secrets {
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        forged.push(encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap());
    }
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let stranger = EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref());
    for kid in [Some(kid.clone()), Some("../../dev/null".into()), None] {
        let header = Header { kid, jku: Some("https://evil.example".into()), ..Header::new(Algorithm::EdDSA) };
        forged.push(encode(&header, &claims, &stranger).unwrap());
    }
    for forged in forged {
        assert!(matches!(fixture.viewer(&forged).await, Err(AuthenticateError::Invalid)), "{forged}");
    }
}

#[tokio::test]
async fn claims_must_fit_even_with_the_right_key() {
    let fixture = Fixture::new().await;
    let (token, _) = fixture.session().await;
    let claims = part(&token, 1);
    let signer = keys::signer(&fixture.hub).await.unwrap();
    let sign = |claims: &serde_json::Value| {
        let header = Header { kid: Some(signer.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &signer.key).unwrap()
    };
    assert!(fixture.viewer(&sign(&claims)).await.is_ok());
    let changes = [
        ("iss", json!("https://other.example")),
        ("aud", json!("another")),
        ("sub", json!(fixture.grace.to_string())),
        ("sid", json!(999)),
        ("iat", json!(1_800_000_060)),
        ("exp", json!("never")),
    ];
    for (claim, value) in changes {
        let mut other = claims.clone();
        other[claim] = value;
        assert!(matches!(fixture.viewer(&sign(&other)).await, Err(AuthenticateError::Invalid)), "{claim}");
        other.as_object_mut().unwrap().remove(claim);
        assert!(matches!(fixture.viewer(&sign(&other)).await, Err(AuthenticateError::Invalid)), "no {claim}");
    }
}

#[tokio::test]
async fn keys_that_another_secret_sealed_show_at_start() {
    let fixture = Fixture::new().await;
    super::super::start(&fixture.hub).await.unwrap();
    let parts = &*fixture.hub;
    let other = Hub::new(Parts {
        directory: crate::directory::Directory::default(),
        federation: crate::federation::Federation::new(&crate::settings::Sources::default(), Clock::system()),
        outside: crate::outside::Outside::new(&crate::settings::Outside::default()),
        database: parts.database.clone(),
        instance: parts.instance,
        settings: parts.settings.clone(),
        events: parts.events.clone(),
        clock: parts.clock.clone(),
        sealing: Sealing::new(b"another secret"),
        identity: Identity::default(),
        mailer: parts.mailer.clone(),
        files: parts.files.clone(),
    });
    let error = super::super::start(&other).await.unwrap_err();
    assert!(error.to_string().contains("auth.secret"), "{error}");
}
