//! What a viewer may and reaches.

use std::collections::BTreeSet;

use groupgraph_entities::{access_token, role, staff_mapping};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{
    super::admin::{NewToken, Owner, create_token},
    *,
};
use crate::viewer::{Permissions, Reach};

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn token(fixture: &Fixture, owner: Owner, permissions: Option<&[&str]>) -> Viewer {
    let permissions = permissions.map(words);
    let token = NewToken { owner, name: "Tool".into(), permissions, expires_at: None };
    let (_, secret) = create_token(&fixture.hub, token).await.unwrap();
    fixture.viewer(&secret).await.unwrap()
}

async fn map(fixture: &Fixture, tenant: i64) {
    let row = staff_mapping::ActiveModel {
        staff_id: Set(fixture.ada),
        tenant_id: Set(tenant),
        remote_staff_number: Set(7),
        ..Default::default()
    };
    row.insert(&fixture.hub.database.write).await.unwrap();
}

#[tokio::test]
async fn without_a_credential_nothing_is_allowed() {
    let fixture = Fixture::new().await;
    let viewer = authenticate(&fixture.hub, None).await.unwrap();
    assert!(!viewer.is_signed_in() && !viewer.may("leads.read") && !viewer.sees_tenant(1));
    for text in ["", "ggd_made_up", "ggp_made_up", "ggk_made_up", "ggn_made_up", "ggr_made_up", "Bearer x"] {
        assert!(matches!(fixture.viewer(text).await, Err(AuthenticateError::Invalid)), "{text}");
    }
    assert!(matches!(fixture.viewer(&"x".repeat(1_000_000)).await, Err(AuthenticateError::Invalid)));
}

#[tokio::test]
async fn a_person_has_the_words_of_the_role_and_reaches_mapped_companies() {
    let fixture = Fixture::new().await;
    let viewer = fixture.ada().await;
    assert_eq!(viewer.permissions, Permissions::Words(words(&["leads.read", "leads.write", "tokens.manage"])));
    assert_eq!(viewer.tenants, Reach::Some(vec![1]));
    map(&fixture, 3).await;
    assert_eq!(fixture.ada().await.tenants, Reach::Some(vec![1, 3]));
    let row = role::ActiveModel { id: Set(1), permissions: Set(json!(["tenants.all"])), ..Default::default() };
    row.update(&fixture.hub.database.write).await.unwrap();
    assert_eq!(fixture.ada().await.tenants, Reach::All);
}

#[tokio::test]
async fn an_administrator_has_every_word_and_reaches_everything() {
    let fixture = Fixture::new().await;
    let viewer = fixture.grace().await;
    assert_eq!((viewer.permissions, viewer.tenants), (Permissions::All, Reach::All));
    let narrowed = token(&fixture, Owner::Person("grace@example.com".into()), Some(&["leads.read"])).await;
    assert_eq!(narrowed.permissions, Permissions::Words(words(&["leads.read"])));
}

#[tokio::test]
async fn a_personal_token_never_has_more_than_its_person() {
    let fixture = Fixture::new().await;
    let owner = || Owner::Person(EMAIL.into());
    let narrowed = token(&fixture, owner(), Some(&["leads.read", "sources.manage"])).await;
    assert_eq!(narrowed.permissions, Permissions::Words(words(&["leads.read"])));
    assert_eq!(narrowed.staff, Some(fixture.ada));
    let whole = token(&fixture, owner(), None).await;
    assert_eq!(whole.permissions, fixture.ada().await.permissions);
}

#[tokio::test]
async fn a_machine_has_the_words_of_its_key_only() {
    let fixture = Fixture::new().await;
    let all = token(&fixture, Owner::Machine(None), Some(&["leads.read"])).await;
    assert_eq!((all.staff, all.tenant, all.tenants.clone()), (None, None, Reach::All));
    assert_eq!(all.permissions, Permissions::Words(words(&["leads.read"])));
    assert!(all.is_signed_in());
    let one = token(&fixture, Owner::Machine(Some("daughter".into())), Some(&["leads.read"])).await;
    assert_eq!((one.tenant, one.tenants), (Some(2), Reach::Some(vec![2])));
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let fixture = Fixture::new().await;
    let (access, _) = fixture.session().await;
    let viewer = fixture.viewer(&access).await.unwrap();
    // The note is written in the background: each look gives it time.
    let becomes = async |expected: DateTime<Utc>| {
        for _ in 0..1000 {
            let row = access_token::Entity::find_by_id(viewer.token.unwrap()).one(&fixture.hub.database.read).await;
            if row.unwrap().unwrap().last_used_at == Some(expected) {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    };
    let begin = fixture.hub.clock.now();
    for minutes in 1..=2 {
        for seconds in [59, 1] {
            fixture.pass(TimeDelta::seconds(seconds));
            fixture.viewer(&access).await.unwrap();
        }
        assert!(becomes(begin + TimeDelta::minutes(minutes)).await);
    }
}
