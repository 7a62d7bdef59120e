//! The mutations, with a programmable subsidiary.

use groupgraph_entities::{enrolment_token, source, webhook};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};
use serde_json::json;

use super::*;
use crate::{
    error::Code,
    federation::fake::{Behaviour, Fake, Lead},
    source::admin,
    verb::Failure,
};

/// Code and field of the first failure.
fn failure(outcome: &Outcome) -> (Code, String) {
    match outcome {
        Err(Failure::User(errors)) => (errors[0].code, errors[0].field.join(".")),
        other => panic!("{other:?}"),
    }
}

impl Fixture {
    async fn token(&self) -> String {
        let input = json!({"tenant": {"number": 2}});
        text(&self.administrate("createEnrolmentToken", input).await, "token")
    }

    async fn register(&self, token: &str, endpoint: &str) -> Outcome {
        let input = json!({"token": token, "endpoint": endpoint, "credential": "the-credential"});
        self.call(&Viewer::default(), "registerSource", input).await
    }

    /// A source of the second company.
    async fn joined(&self, fake: &Fake) {
        let token = self.token().await;
        self.register(&token, &fake.url).await.unwrap();
    }

    async fn row(&self) -> source::Model {
        source::Entity::find().one(&self.hub.database.read).await.unwrap().unwrap()
    }
}

async fn fake() -> Fake {
    Fake::start(vec![Lead { number: 1, second: 1 }]).await
}

fn on_first() -> serde_json::Value {
    json!({"source": {"number": 1}})
}

#[tokio::test]
async fn a_token_makes_one_source() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    let token = fixture.token().await;
    assert!(token.starts_with("gge_"));
    let outcome = fixture.register(&token, &fake.url).await;
    let check = plain(&outcome, "check");
    assert_eq!(check["isAccepted"], true);
    assert_eq!(check["collections"].as_array().unwrap().len(), 12);
    assert_eq!(check["collections"][1]["isOffered"], true);

    let row = fixture.row().await;
    assert_eq!((row.state.as_str(), row.name.as_str(), row.tenant_id), ("ACTIVE", "Daughter", 2));
    assert!(!row.credential_sealed.unwrap().contains("the-credential"));
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer the-credential"));
    assert_eq!(fake.header("groupgraph-assertion").unwrap().split('.').count(), 3);
    assert_eq!(fixture.hub.federation.registry.sources().len(), 1, "known at once");

    assert_eq!(failure(&fixture.register(&token, &fake.url).await).0, Code::Expired);
    let second = fixture.token().await;
    assert_eq!(failure(&fixture.register(&second, &fake.url).await).0, Code::Conflict);
    let stored = enrolment_token::Entity::find().one(&fixture.hub.database.read).await.unwrap().unwrap();
    assert!(!stored.token_hash.contains(&token[4..]));
}

#[tokio::test]
async fn what_cannot_be_a_source_is_refused_and_may_be_mended() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    let token = fixture.token().await;
    fake.behave(Behaviour::Say(401, String::new()));
    let outcome = fixture.register(&token, &fake.url).await;
    assert_eq!(failure(&outcome), (Code::UpstreamFailed, "endpoint".into()));
    assert_eq!(failure(&fixture.register("gge_wrong", &fake.url).await), (Code::Expired, "token".into()));
    assert_eq!(source::Entity::find().count(&fixture.hub.database.read).await.unwrap(), 0);
    fake.behave(Behaviour::Good);
    fixture.register(&token, &fake.url).await.unwrap();

    let late = fixture.token().await;
    fixture.pass(TimeDelta::hours(25));
    assert_eq!(failure(&fixture.register(&late, &fake.url).await).0, Code::Expired);
}

#[tokio::test]
async fn inputs_are_checked_before_anybody_is_called() {
    let fixture = Fixture::with(settings::Sources::default()).await;
    let fake = fake().await;
    let token = fixture.token().await;
    let table = [
        (json!({"endpoint": fake.url}), "endpoint"),
        (json!({"endpoint": "https://169.254.169.254/latest"}), "endpoint"),
        (json!({"endpoint": null}), "endpoint"),
        (json!({"credential": " "}), "credential"),
        (json!({"credential": "two words"}), "credential"),
        (json!({"credential": "line\nbreak"}), "credential"),
        (json!({"timeoutMs": 0}), "timeoutMs"),
        (json!({"maxAnswerBytes": 1}), "maxAnswerBytes"),
        (json!({"maxConcurrency": 1_001}), "maxConcurrency"),
        (json!({"cacheSeconds": -1}), "cacheSeconds"),
        (json!({"name": "x".repeat(201)}), "name"),
    ];
    for (change, field) in table {
        let mut input = json!({"token": token, "endpoint": "https://crm.example.com/", "credential": "secret"});
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        let outcome = fixture.call(&Viewer::default(), "registerSource", input).await;
        assert_eq!(failure(&outcome).1, field, "{change}");
    }
    assert_eq!(fake.calls(), 0);
    let past = json!({"tenant": {"number": 2}, "expiresAt": "2001-01-01T00:00:00Z"});
    assert_eq!(failure(&fixture.administrate("createEnrolmentToken", past).await).0, Code::InvalidDate);
}

#[tokio::test]
async fn a_source_is_stopped_resumed_changed_and_removed() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    fixture.joined(&fake).await;
    assert_eq!(failure(&fixture.administrate("resumeSource", on_first()).await).0, Code::WrongState);
    fixture.administrate("suspendSource", on_first()).await.unwrap();
    assert_eq!(fixture.row().await.state, "SUSPENDED");
    fixture.administrate("probeSource", on_first()).await.unwrap();
    assert_eq!(fixture.row().await.state, "SUSPENDED");
    fixture.administrate("resumeSource", on_first()).await.unwrap();
    assert_eq!(fixture.row().await.state, "ACTIVE");

    let rotated = json!({"source": {"number": 1}, "credential": "another"});
    fixture.administrate("rotateSourceCredential", rotated).await.unwrap();
    fixture.administrate("probeSource", on_first()).await.unwrap();
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer another"));

    let elsewhere = json!({"source": {"number": 1}, "endpoint": "http://127.0.0.1:1/"});
    assert_eq!(failure(&fixture.administrate("updateSource", elsewhere).await).0, Code::UpstreamFailed);
    let limits = json!({"source": {"number": 1}, "name": "Daughter's CRM", "timeoutMs": 700});
    fixture.administrate("updateSource", limits).await.unwrap();
    let row = fixture.row().await;
    assert_eq!((row.name.as_str(), row.timeout_ms, row.endpoint), ("Daughter's CRM", 700, Some(fake.url.clone())));

    fixture.administrate("removeSource", on_first()).await.unwrap();
    assert!(fixture.hub.federation.registry.sources().is_empty());
    assert_eq!(failure(&fixture.administrate("removeSource", on_first()).await).0, Code::NotFound);
}

#[tokio::test]
async fn what_went_away_is_drift_and_being_away_is_none() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    fixture.joined(&fake).await;
    fake.behave(Behaviour::Say(502, String::new()));
    let outcome = fixture.administrate("probeSource", on_first()).await;
    assert_eq!(plain(&outcome, "check")["isAccepted"], false);
    let row = fixture.row().await;
    assert_eq!((row.state.as_str(), row.drifted_fields), ("ACTIVE", json!([])));
    assert_eq!(row.last_error.as_deref(), Some("The schema cannot be read. It answered with status 502."));

    let sdl = crate::federation::contract::SUBSIDIARY.replace("type Query {", "type Query { other: Int } type Old {");
    fake.behave(Behaviour::Say(200, json!({"data": {"_service": {"sdl": sdl}}}).to_string()));
    fixture.administrate("probeSource", on_first()).await.unwrap();
    let row = fixture.row().await;
    assert_eq!((row.state.as_str(), row.drifted_fields), ("FAILED", json!(["leads"])));
    fake.behave(Behaviour::Good);
    fixture.administrate("probeSource", on_first()).await.unwrap();
    let row = fixture.row().await;
    assert_eq!((row.state.as_str(), row.drifted_fields), ("ACTIVE", json!([])));
}

#[tokio::test]
async fn a_subsidiary_says_that_it_is_alive() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    let daughter = Viewer { tenant: Some(2), ..Viewer::default() };
    assert_eq!(failure(&fixture.call(&daughter, "renewSourceLease", json!({})).await).0, Code::NotFound);
    fixture.joined(&fake).await;
    let expires_at = text(&fixture.call(&daughter, "renewSourceLease", json!({})).await, "leaseExpiresAt");
    assert_eq!(expires_at, "2027-01-15T08:01:20.000Z");
    assert!(fixture.row().await.lease_expires_at.is_some());
}

#[tokio::test]
async fn an_operator_invites_lists_checks_and_removes() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    assert!(admin::invite(&fixture.hub, "nobody", 1).await.is_err());
    let token = admin::invite(&fixture.hub, "sister", 1).await.unwrap();
    fixture.register(&token, &fake.url).await.unwrap();
    let lines = admin::list(&fixture.hub).await.unwrap();
    assert_eq!((lines[0].tenant.as_str(), lines[0].state.as_str()), ("Sister", "ACTIVE"));
    assert_eq!(lines[0].collections, ["LEADS"]);
    assert!(admin::check(&fixture.hub, 1).await.unwrap().is_accepted);
    admin::remove(&fixture.hub, 1).await.unwrap();
    assert!(admin::remove(&fixture.hub, 1).await.is_err());
}

#[tokio::test]
async fn sources_are_checked_again_when_due() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    fixture.joined(&fake).await;
    assert_eq!(crate::source::watch::check_due(&fixture.hub).await.unwrap(), 0);
    let sdl = crate::federation::contract::SUBSIDIARY.replace("type Query {", "type Query { other: Int } type Old {");
    fake.behave(Behaviour::Say(200, json!({"data": {"_service": {"sdl": sdl}}}).to_string()));
    fixture.pass(TimeDelta::minutes(11));
    assert_eq!(crate::source::watch::check_due(&fixture.hub).await.unwrap(), 1);
    let row = fixture.row().await;
    assert_eq!((row.state.as_str(), row.drifted_fields), ("FAILED", json!(["leads"])));
    assert_eq!(crate::source::watch::check_due(&fixture.hub).await.unwrap(), 0, "one replica is enough");
    fake.behave(Behaviour::Good);
    fixture.pass(TimeDelta::minutes(11));
    assert_eq!(crate::source::watch::check_due(&fixture.hub).await.unwrap(), 1);
    assert_eq!(fixture.row().await.state, "ACTIVE", "it came back");
}

#[tokio::test]
async fn credentials_are_sealed_anew_with_another_secret() {
    let (fixture, fake) = (Fixture::new().await, fake().await);
    fixture.joined(&fake).await;
    let new = Sealing::new(b"another secret of the tests");
    let seal = |text: &str| fixture.hub.sealing.seal(crate::webhook::SECRET_PURPOSE, text.as_bytes());
    let row = webhook::ActiveModel {
        url: Set("https://example.com/".to_owned()),
        events: Set(json!([])),
        is_active: Set(true),
        secret_sealed: Set(seal("new")),
        previous_secret_sealed: Set(Some(seal("old"))),
        created_at: Set(fixture.hub.clock.now()),
        updated_at: Set(fixture.hub.clock.now()),
        dialect: Set("STANDARD".to_owned()),
        ..Default::default()
    };
    let row = row.insert(&fixture.hub.database.write).await.unwrap();
    let done = identity::admin::reseal(&fixture.hub, &new).await.unwrap();
    assert_eq!(done.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1, 1, 1, 0, 0]);
    let row = webhook::Entity::find_by_id(row.id).one(&fixture.hub.database.read).await.unwrap().unwrap();
    let open = |sealed: &str| new.open(crate::webhook::SECRET_PURPOSE, sealed).unwrap();
    assert_eq!((open(&row.secret_sealed), open(&row.previous_secret_sealed.unwrap())), (b"new".into(), b"old".into()));
    let purpose = crate::federation::registry::CREDENTIAL_PURPOSE;
    let sealed = fixture.row().await.credential_sealed.unwrap();
    assert_eq!(new.open(purpose, &sealed).unwrap(), b"the-credential");
    assert!(fixture.hub.sealing.open(purpose, &sealed).is_err());
    assert!(identity::admin::reseal(&fixture.hub, &new).await.is_err(), "it does not open any more");
    assert_eq!(fixture.row().await.credential_sealed.unwrap(), sealed, "nothing has changed");
}
