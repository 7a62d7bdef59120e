//! Notes, reminders and files as callers of the schema meet them.

use groupgraph_entities::file;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::trial::Trial;

/// A lead, a prospect and two columns of the board.
async fn parties() -> Trial {
    let trial = Trial::new().await;
    trial.done(r#"createLead(input: {companyName: "Sahel"}) { lead { id } }"#).await;
    for key in ["new_lead", "offer"] {
        let mutation =
            format!(r#"saveFollowUpCategory(input: {{key: "{key}", name: "{key}"}}) {{ category {{ id }} }}"#);
        trial.done(&mutation).await;
    }
    trial.done(r#"createLead(input: {companyName: "Nile"}) { lead { id } }"#).await;
    let convert = "convertLeadToProspect(input: {lead: {number: 2}, qualification: {}}) { prospect { id } }";
    trial.done(convert).await;
    trial
}

#[tokio::test]
async fn a_note_has_one_party_and_moves_its_follow_up() {
    let trial = parties().await;
    let add = |input: &str| {
        format!(r#"addNote(input: {{text: "Called", {input}}}) {{ note {{ number party {{ name }} }} }}"#)
    };
    for (input, expected) in [
        ("action: CALL", "REQUIRED"),
        ("lead: {number: 1}, prospect: {number: 1}", "INVALID"),
        ("lead: {number: 1}, followUpCategory: {number: 2}", "INVALID followUpCategory"),
        (r#"lead: {number: 1}, contactedAt: "soon""#, "INVALID_DATE contactedAt"),
        ("lead: {number: 9}", "NOT_FOUND lead"),
    ] {
        assert_eq!(trial.refused(&add(input)).await, expected, "{input}");
    }
    let done = trial.done(&add(r#"lead: {number: 1}, contactedAt: "2026-05-19 12:00:00""#)).await;
    assert_eq!(done["note"]["party"]["name"], "Sahel");
    let lead = trial.read("lead(by: {number: 1}) { lastContactedAt }").await;
    assert!(lead["lastContactedAt"].as_str().is_some_and(|text| text.starts_with("2026-05-19T11:00:00")), "{lead}");
    trial.set_now("2026-05-20T10:00:00Z");
    let input = r#"prospect: {number: 1}, followUpCategory: {number: 2}, contactedAt: "2026-05-20T09:00:00Z""#;
    trial.done(&add(input)).await;
    let read = "prospect(by: {number: 1}) { followUp { category { key } lastContactAt firstContactAt } }";
    let follow_up = trial.read(read).await["followUp"].clone();
    assert_eq!(follow_up["category"]["key"], "offer");
    assert_eq!(follow_up["firstContactAt"], follow_up["lastContactAt"]);
    trial.done(&add("prospect: {number: 1}")).await;
    assert_eq!(trial.read(read).await["followUp"], follow_up);
}

#[tokio::test]
async fn a_note_stays_with_its_party() {
    let trial = parties().await;
    trial.done(r#"addNote(input: {lead: {number: 1}, text: "Called"}) { note { id } }"#).await;
    let update = |input: &str| format!("updateNote(input: {{note: {{number: 1}}, {input}}}) {{ note {{ text }} }}");
    for (input, expected) in [
        (r#"text: " ""#, "REQUIRED text"),
        ("party: {number: 1}", "REQUIRED partyKind"),
        ("party: {number: 1}, partyKind: PROSPECT", "NOT_FOUND party"),
        ("party: {number: 2}, partyKind: LEAD", "NOT_FOUND party"),
    ] {
        assert_eq!(trial.refused(&update(input)).await, expected, "{input}");
    }
    let done = trial.done(&update(r#"party: {number: 1}, partyKind: LEAD, text: "Wrote""#)).await;
    assert_eq!(done["note"]["text"], "Wrote");
    let id = crate::engine::id::encode("Lead", trial.hub.instance, 1);
    trial.done(&update(&format!(r#"party: {{id: "{id}"}}, text: "Met""#))).await;
}

#[tokio::test]
async fn reminders_are_for_days_to_come() {
    let trial = parties().await;
    let add = |day: &str| {
        format!(
            r#"addReminder(input: {{lead: {{number: 1}}, text: "Call", dueOn: "{day}"}}) {{ reminder {{ dueOn staff {{ number }} }} }}"#
        )
    };
    // In Lagos it is the 20th already.
    assert_eq!(trial.refused(&add("2026-05-19")).await, "INVALID_DATE dueOn");
    let done = trial.done(&add("2026-05-20")).await;
    assert_eq!(done["reminder"], json!({"dueOn": "2026-05-20", "staff": {"number": 3}}));
}

#[tokio::test]
async fn files_come_and_go_with_their_content() {
    let trial = parties().await;
    let add = |file: &str| {
        format!(
            "addLeadFile(input: {{lead: {{number: 1}}, file: {{{file}}}}}) {{ file {{ number name mediaType sizeInBytes }} }}"
        )
    };
    for (file, expected) in [
        ("", "REQUIRED file"),
        (r#"base64: "!", name: "a.txt""#, "INVALID file.base64"),
        (r#"base64: "aGVsbG8=", name: "a.png""#, "UNSUPPORTED_MEDIA_TYPE file"),
        (r#"base64: "TVqQAAM=", name: "a.txt""#, "UNSUPPORTED_MEDIA_TYPE file"),
    ] {
        assert_eq!(trial.refused(&add(file)).await, expected, "{file}");
    }
    let done = trial.done(&add(r#"base64: "aGVsbG8=", name: "../notes.txt""#)).await;
    let expected = json!({"number": 1, "name": "notes.txt", "mediaType": "text/plain", "sizeInBytes": 5});
    assert_eq!(done["file"], expected);
    let row = file::Entity::find_by_id(1).one(&trial.hub.database.read).await.unwrap().unwrap();
    assert_eq!(trial.hub.files.get(&row.object_key).await.unwrap(), b"hello");
    let delete = "deleteLeadFile(input: {file: {number: 1}}) { deletedId }";
    let id = crate::engine::id::encode("File", trial.hub.instance, 1);
    assert_eq!(trial.done(delete).await["deletedId"], json!(id));
    assert!(trial.hub.files.get(&row.object_key).await.is_err());
    assert_eq!(trial.refused(delete).await, "NOT_FOUND file");
}
