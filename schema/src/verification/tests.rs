//! Checks of persons as callers of the schema meet them; the services stand behind the trait.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use groupgraph_entities::{access_audit, identity_check, wallet, wallet_entry};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::keep_once;
use crate::{
    delivery::Fault,
    outside::{Outside, Question, Service},
    trial::Trial,
};

/// Knows one person; does not answer for phones that end in 9.
#[derive(Default)]
struct Registry {
    calls: AtomicUsize,
}

impl Service for Registry {
    fn consult(&self, question: Question) -> BoxFuture<'_, Result<Option<Value>, Fault>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let Question::LookUp(asked) = question else { panic!("registries are asked with a body") };
            let key =
                asked["nin"].as_str().or(asked["phone"].as_str()).or(asked["number"].as_str()).unwrap_or_default();
            if key.ends_with('9') {
                return Err(Fault::new("TIMED_OUT", "There was no answer."));
            }
            let person = json!({
                "firstname": "Sarah", "lastname": "Connor", "nin": "12345678901", "image": "face", "gender": "f",
                "account_name": "Sarah Connor",
            });
            Ok((key == "12345678901" || key == "08012345678").then_some(person))
        })
    }
}

async fn trial(balance: i64) -> (Trial, Arc<Registry>) {
    let registry = Arc::new(Registry::default());
    let service = || registry.clone() as Arc<dyn Service>;
    let outside = Outside {
        documents: service(),
        registry: service(),
        accounts: service(),
        activity_log: service(),
        ..Outside::new(&crate::settings::Outside::default())
    };
    let trial = Trial::with(outside).await;
    if balance > 0 {
        trial.done(&format!(
            "creditWallet(input: {{staff: {{number: 3}}, amount: {{amountMinor: {balance}}}, reason: \"Top up\"}}) {{ wallet {{ number }} }}"
        )).await;
    }
    (trial, registry)
}

async fn balance(trial: &Trial) -> i64 {
    wallet::Entity::find().one(&trial.hub.database.read).await.unwrap().map_or(0, |row| row.balance_minor)
}

const ONE: &str = "lookUpIdentity(input: {nationalIdentityNumber: \"12345678901\", purpose: \"New customer\"}) \
    { lookup { key status origin record { givenName familyName photo details } } }";
const MANY: &str = "lookUpIdentities(input: {phones: [\"08012345678\", \"08000000000\", \"08012345678\", \"08000000009\"]}) \
    { lookups { key status origin record { givenName } error { code } } }";

#[tokio::test]
async fn what_was_found_is_paid_once_and_kept_sealed() {
    let (trial, registry) = trial(12_000).await;
    let first = trial.done(ONE).await;
    let record = json!({ "givenName": "Sarah", "familyName": "Connor", "photo": "face", "details": { "gender": "f", "account_name": "Sarah Connor" } });
    assert_eq!(first["lookup"], json!({ "key": "12345678901", "status": "FOUND", "origin": "LIVE", "record": record }));
    assert_eq!(balance(&trial).await, 7_000);
    let again = trial.done(ONE).await;
    assert_eq!((&again["lookup"]["origin"], &again["lookup"]["record"]["photo"]), (&json!("CACHE"), &Value::Null));
    assert_eq!((balance(&trial).await, registry.calls.load(Ordering::SeqCst)), (7_000, 1));
    let row = identity_check::Entity::find().one(&trial.hub.database.read).await.unwrap().unwrap();
    let everything = format!("{row:?}");
    assert!(!everything.contains("12345678901") && !everything.contains("Sarah"), "{everything}");
    assert_eq!(row.masked_key, "*******8901");
    // Both looks are audited, with their purpose.
    let looks = access_audit::Entity::find().all(&trial.hub.database.read).await.unwrap();
    assert_eq!(looks.len(), 2);
    assert!(looks.iter().all(|look| look.subject == "IDENTITY" && look.purpose.as_deref() == Some("New customer")));
    // A month later it is gone, and costs again.
    trial.set_now("2026-06-19T00:00:00Z");
    keep_once(&trial.hub).await.unwrap();
    let row = identity_check::Entity::find().one(&trial.hub.database.read).await.unwrap().unwrap();
    assert_eq!(row.result_sealed, None);
    assert_eq!(trial.done(ONE).await["lookup"]["origin"], "LIVE");
    assert_eq!(balance(&trial).await, 2_000);
    assert_eq!(trial.refused(&ONE.replace("12345678901", "11111111111")).await, "INSUFFICIENT_FUNDS");
    assert_eq!(registry.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn failures_are_paid_back() {
    let (trial, _) = trial(20_000).await;
    assert_eq!(trial.refused(&ONE.replace("12345678901", "11111111111")).await, "NOT_FOUND");
    assert_eq!(trial.refused(&ONE.replace("12345678901", "11111111119")).await, "UPSTREAM_FAILED");
    assert_eq!(balance(&trial).await, 20_000);
    let many = trial.done(MANY).await;
    let found = |origin: &str| json!({ "key": "08012345678", "status": "FOUND", "origin": origin, "record": { "givenName": "Sarah" }, "error": null });
    let failed = |key: &str, code: &str| json!({ "key": key, "status": "FAILED", "origin": "LIVE", "record": null, "error": { "code": code } });
    let expected = json!([
        found("LIVE"),
        failed("08000000000", "NOT_FOUND"),
        found("LIVE"),
        failed("08000000009", "UPSTREAM_FAILED")
    ]);
    assert_eq!(many["lookups"], expected);
    // Of three questions one was worth its price.
    assert_eq!(balance(&trial).await, 15_000);
    let wallet = trial.read("viewer { wallet { balance { amount currency } entries { totalCount nodes { amount { amountMinor } reason } } } }").await;
    let wallet = &wallet["wallet"];
    assert_eq!(wallet["balance"], json!({ "amount": "150.00", "currency": "NGN" }));
    let entries = wallet["entries"]["nodes"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["amount"]["amountMinor"].as_i64().unwrap()).sum::<i64>(), 15_000);
    assert!(entries.iter().all(|entry| !entry["reason"].as_str().unwrap().contains("08000000000")), "{wallet}");
}

#[tokio::test]
async fn a_bulk_call_that_is_not_covered_asks_nothing() {
    let (trial, registry) = trial(14_999).await;
    assert_eq!(trial.refused(MANY).await, "INSUFFICIENT_FUNDS");
    assert_eq!((balance(&trial).await, registry.calls.load(Ordering::SeqCst)), (14_999, 0));
    assert_eq!(identity_check::Entity::find().all(&trial.hub.database.read).await.unwrap().len(), 0);
    assert_eq!(wallet_entry::Entity::find().all(&trial.hub.database.read).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_dead_process_left_is_paid_back_once() {
    let (trial, _) = trial(20_000).await;
    trial.done(ONE).await;
    let row =
        identity_check::Entity::find().order_by_asc(identity_check::Column::Id).one(&trial.hub.database.read).await;
    let mut row: identity_check::ActiveModel = row.unwrap().unwrap().into();
    row.status = Set("PENDING".into());
    row.result_sealed = Set(None);
    row.update(&trial.hub.database.write).await.unwrap();
    keep_once(&trial.hub).await.unwrap();
    assert_eq!(balance(&trial).await, 15_000, "it may still be answered");
    trial.set_now(&(trial.hub.clock.now() + TimeDelta::hours(1)).to_rfc3339());
    for _ in 0..2 {
        keep_once(&trial.hub).await.unwrap();
        assert_eq!(balance(&trial).await, 20_000);
    }
}

#[tokio::test]
async fn documents_leave_their_outcome_only() {
    let (trial, _) = trial(0).await;
    let ask = |kind: &str, number: &str| {
        format!(
            "verifyIdentity(input: {{documentType: \"{kind}\", documentNumber: \"{number}\"}}) {{ record {{ givenName photo }} }}"
        )
    };
    let found = trial.done(&ask("bvn", "12345678901")).await;
    assert_eq!(found["record"], json!({ "givenName": "Sarah", "photo": "face" }));
    assert_eq!(trial.refused(&ask("bvn", "11111111111")).await, "NOT_FOUND");
    assert_eq!(trial.refused(&ask("bvn", "11111111119")).await, "UPSTREAM_FAILED");
    assert_eq!(trial.refused(&ask("bvn", "1")).await, "INVALID documentNumber");
    assert_eq!(trial.refused(&ask("passport", "1")).await, "UNKNOWN_VALUE documentType");
    let rows = identity_check::Entity::find().all(&trial.hub.database.read).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.status.as_str()).collect::<Vec<_>>(), ["FOUND", "FAILED", "FAILED"]);
    assert!(rows.iter().all(|row| row.result_sealed.is_none() && row.kind == "DOCUMENT"), "{rows:?}");
}

#[tokio::test]
async fn accounts_and_bad_keys() {
    let (trial, _) = trial(0).await;
    let holders = trial
        .read("accountHolders(phones: [\"08012345678\", \"08000000000\"]) { phone holder { accountName isFound } }")
        .await;
    assert_eq!(holders[0]["holder"], json!({ "accountName": "Sarah Connor", "isFound": true }));
    assert_eq!(holders[1]["holder"], json!({ "accountName": null, "isFound": false }));
    let audit = trial.read("accessAudit(filter: {subject: {eq: ACCOUNT_HOLDER}}) { totalCount }").await;
    assert_eq!(audit["totalCount"], 2);
    assert_eq!(trial.refused(&ONE.replace("12345678901", "+234")).await, "INVALID nationalIdentityNumber");
    assert_eq!(trial.refused(&MANY.replace("08000000000", "x")).await, "INVALID phones.1");
    assert_eq!(trial.refused("lookUpIdentity(input: {}) { lookup { key } }").await, "REQUIRED");
    let credit = "creditWallet(input: {staff: {number: 3}, amount: {amountMinor: 5, currency: \"USD\"}, reason: \"x\"}) { wallet { number } }";
    assert_eq!(trial.refused(credit).await, "INVALID amount");
    assert_eq!(trial.refused_by(&Trial::ada(&["identity.lookup"]), ONE).await, "INSUFFICIENT_FUNDS");
}
