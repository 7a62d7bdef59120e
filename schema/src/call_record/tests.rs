//! Call records as callers of the schema meet them.

use groupgraph_entities::{access_audit, notification};
use sea_orm::EntityTrait;
use serde_json::json;

use crate::trial::Trial;

const ASK: &str = "requestCallRecords(input: {phone: \"2348037866054\", purpose: \"Fraud\"}) \
    { request { number status records { callCount } } }";

fn complete(records: &str) -> String {
    format!(
        "completeCallRecordRequest(input: {{request: {{number: 1}}, records: [{records}]}}) \
         {{ request {{ status records {{ calledNumber callingNumber callCount }} }} }}"
    )
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let trial = Trial::new().await;
    let asked = trial.done(ASK).await;
    assert_eq!(asked["request"], json!({ "number": 1, "status": "PENDING", "records": [] }));
    let audit = access_audit::Entity::find().one(&trial.hub.database.read).await.unwrap().unwrap();
    assert_eq!((audit.masked_key.as_deref(), audit.purpose.as_deref()), (Some("*********6054"), Some("Fraud")));
    let wrong = complete("{calledNumber: \"x\", callingNumber: \"1\", callCount: 1}");
    assert_eq!(trial.refused(&wrong).await, "INVALID records.0.calledNumber");
    let record = "{calledNumber: \"2348037866054\", callingNumber: \"2347037365636\", callCount: 88}";
    let answered = trial.done(&complete(record)).await;
    let expected = json!({ "calledNumber": "2348037866054", "callingNumber": "2347037365636", "callCount": 88 });
    assert_eq!(answered["request"], json!({ "status": "COMPLETED", "records": [expected] }));
    assert_eq!(trial.refused(&complete(record)).await, "WRONG_STATE request");
    let told = notification::Entity::find().all(&trial.hub.database.read).await.unwrap();
    assert!(told.iter().any(|row| row.text == "Your request 1 for call records is answered"), "{told:?}");
    assert!(told.iter().any(|row| row.text.starts_with("Call records are asked for")), "{told:?}");
}

#[tokio::test]
async fn each_look_is_audited() {
    let trial = Trial::new().await;
    trial.done(ASK).await;
    assert_eq!(trial.read("callRecordRequest(by: {number: 1}) { status }").await["status"], "PENDING");
    trial.read("whistleReports { nodes { title } }").await;
    let audit = trial.read("accessAudit { nodes { subject maskedKey staff { number } } }").await;
    let subjects: Vec<_> = audit["nodes"].as_array().unwrap().iter().map(|row| row["subject"].clone()).collect();
    assert_eq!(subjects.len(), 3, "{audit}");
    assert!(subjects.contains(&json!("WHISTLE_REPORT")) && subjects.contains(&json!("CALL_RECORDS")), "{audit}");
}

#[tokio::test]
async fn a_number_has_digits() {
    let trial = Trial::new().await;
    assert_eq!(trial.refused(&ASK.replace("2348037866054", "+234803")).await, "INVALID phone");
}
