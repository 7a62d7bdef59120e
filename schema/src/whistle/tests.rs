//! Reports of misconduct as callers of the schema meet them.

use groupgraph_entities::{activity_log, file};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::trial::Trial;

fn report(title: &str, more: &str) -> String {
    format!(
        "fileWhistleReport(input: {{reported: {{number: 2}}, title: \"{title}\", body: \"What happened\", \
         occurredOn: \"2026-05-01\", attachment: {{base64: \"cHJvb2Y=\", name: \"proof.txt\"}} {more}}}) \
         {{ report {{ number title status isAnonymous reporter {{ name }} attachment {{ name createdBy {{ name }} }} }} }}"
    )
}

#[tokio::test]
async fn who_reports_without_a_name_is_not_known() {
    let trial = Trial::new().await;
    let filed = trial.done(&report("Misconduct", "")).await;
    let expected = json!({
        "number": 1, "title": "Misconduct", "status": "OPEN", "isAnonymous": true, "reporter": null,
        "attachment": { "name": "proof.txt", "createdBy": null },
    });
    assert_eq!(filed["report"], expected);
    assert!(activity_log::Entity::find().all(&trial.hub.database.read).await.unwrap().is_empty());
    let proof = file::Entity::find().one(&trial.hub.database.read).await.unwrap().unwrap();
    assert_eq!((proof.whistle_report_id, proof.created_by_id), (Some(1), None));
    let named = trial.done(&report("Signed", ", isAnonymous: false")).await;
    assert_ne!(named["report"]["reporter"], Value::Null);
}

#[tokio::test]
async fn a_report_is_whole() {
    let trial = Trial::new().await;
    assert_eq!(trial.refused(&report(" ", "")).await, "REQUIRED title");
    let tomorrow = report("Misconduct", "").replace("2026-05-01", "2999-01-01");
    assert_eq!(trial.refused(&tomorrow).await, "INVALID_DATE occurredOn");
    let nobody = report("Misconduct", "").replace("number: 2", "number: 99");
    assert_eq!(trial.refused(&nobody).await, "NOT_FOUND reported");
    let program = report("Misconduct", "").replace("proof.txt", "proof.exe");
    assert_eq!(trial.refused(&program).await, "UNSUPPORTED_MEDIA_TYPE attachment");
    assert!(file::Entity::find().all(&trial.hub.database.read).await.unwrap().is_empty());
}
