//! What an operator does at the command line.

use super::{
    super::admin::{
        AdminError, NewToken, NewUser, Owner, create_token, create_user, deactivate, list_keys, list_tokens,
        list_users, revoke_token, rotate_keys, set_password,
    },
    *,
};

fn user(email: &str) -> NewUser {
    NewUser { email: email.into(), given_name: "Alan".into(), family_name: "Turing".into(), ..NewUser::default() }
}

#[tokio::test]
async fn a_new_person_signs_in_with_the_password_made() {
    let fixture = Fixture::new().await;
    let new = NewUser { role: Some("sales".into()), tenant: Some("Daughter".into()), ..user("Alan@example.com") };
    let created = create_user(&fixture.hub, new).await.unwrap();
    assert_eq!(row(&fixture.sign_in("alan@example.com", &created.password).await, "staff"), created.number);
    let line = list_users(&fixture.hub).await.unwrap().pop().unwrap();
    assert_eq!((line.name.as_str(), line.tenant.as_str()), ("Alan Turing", "Daughter"));
    assert_eq!((line.role.as_deref(), line.is_active, line.is_administrator), (Some("Sales"), true, false));
}

#[tokio::test]
async fn mistakes_are_named() {
    let fixture = Fixture::new().await;
    let refused = async |user: NewUser| match create_user(&fixture.hub, user).await {
        Err(AdminError::Refused(message)) => message,
        other => panic!("{other:?}"),
    };
    assert!(refused(user("ADA@example.com")).await.contains("already"));
    assert!(refused(user("no address")).await.contains("no e-mail address"));
    assert!(refused(NewUser { role: Some("King".into()), ..user("a@example.com") }).await.contains("no role King"));
    assert!(
        refused(NewUser { tenant: Some("Moon".into()), ..user("a@example.com") }).await.contains("no company Moon")
    );
    let short = NewUser { password: Some("short".into()), ..user("a@example.com") };
    assert!(refused(short).await.contains("eight characters"));
    assert!(set_password(&fixture.hub, "nobody@example.com", None).await.is_err());
    assert!(revoke_token(&fixture.hub, 999).await.is_err());
    let key = NewToken { owner: Owner::Machine(None), name: "x".into(), permissions: None, expires_at: None };
    assert!(create_token(&fixture.hub, key.clone()).await.is_err());
    let unknown = NewToken { permissions: Some(["leads.raed".to_owned()].into()), ..key };
    assert!(create_token(&fixture.hub, unknown).await.unwrap_err().to_string().contains("no permission leads.raed"));
}

#[tokio::test]
async fn a_set_password_ends_sessions_and_deactivating_bars() {
    let fixture = Fixture::new().await;
    let (access, _) = fixture.session().await;
    let password = set_password(&fixture.hub, "ADA@example.com", None).await.unwrap();
    assert!(matches!(fixture.viewer(&access).await, Err(AuthenticateError::Revoked)));
    assert!(fixture.sign_in(EMAIL, &password).await.is_ok());
    deactivate(&fixture.hub, EMAIL).await.unwrap();
    assert!(fixture.sign_in(EMAIL, &password).await.is_err());
}

#[tokio::test]
async fn tokens_and_keys_are_listed() {
    let fixture = Fixture::new().await;
    fixture.session().await;
    let owner = Owner::Person(EMAIL.into());
    let token = NewToken { owner, name: "Tool".into(), permissions: None, expires_at: None };
    let (number, secret) = create_token(&fixture.hub, token).await.unwrap();
    revoke_token(&fixture.hub, number).await.unwrap();
    assert!(matches!(fixture.viewer(&secret).await, Err(AuthenticateError::Revoked)));
    let lines = list_tokens(&fixture.hub).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>(), ["DEVICE", "PERSONAL"]);
    assert!(lines[1].revoked_at.is_some());
    assert_eq!(lines[1].owner.as_deref(), Some("Ada@Example.com"));
    let kid = rotate_keys(&fixture.hub).await.unwrap();
    let keys = list_keys(&fixture.hub).await.unwrap();
    assert_eq!((keys.len(), keys[0].kid.as_str(), keys[0].retired_at), (2, kid.as_str(), None));
    assert!(keys[1].retired_at.is_some());
}
