//! Leads as callers of the schema meet them.

use serde_json::json;

use crate::trial::Trial;

const ADA: &[&str] = &["leads.read", "leads.write", "prospects.write", "crm.prospects"];

#[tokio::test]
async fn a_new_lead_has_a_name_a_status_and_an_owner() {
    let trial = Trial::new().await;
    let lead = trial
        .done_by(
            &Trial::ada(ADA),
            r#"createLead(input: {givenName: " Amina ", familyName: "Yusuf", companyName: "Sahel", stage: {number: 2}})
               { lead { name state status { name } owner { number } pipeline { number } stage { number } } }"#,
        )
        .await;
    let expected = json!({
        "name": "Amina Yusuf", "state": "OPEN", "status": {"name": "New"}, "owner": {"number": 1},
        "pipeline": {"number": 1}, "stage": {"number": 2},
    });
    assert_eq!(lead["lead"], expected);
    for (input, name) in [
        (r#"companyName: "Sahel", email: "a@sahel.example""#, "Sahel"),
        (r#"email: "a@sahel.example", phone: {number: "08011223344"}"#, "a@sahel.example"),
        (r#"phone: {number: "08011223344"}"#, "+2348011223344"),
    ] {
        let lead = trial.done(&format!("createLead(input: {{{input}}}) {{ lead {{ name }} }}")).await;
        assert_eq!(lead["lead"]["name"], name);
    }
    assert_eq!(
        trial.refused(r#"createLead(input: {jobTitle: "Buyer", givenName: " "}) { lead { id } }"#).await,
        "REQUIRED"
    );
}

#[tokio::test]
async fn a_stage_is_one_of_the_pipeline_of_the_company() {
    let trial = Trial::new().await;
    for (input, expected) in [
        ("pipeline: {number: 2}, stage: {number: 1}", "INVALID stage"),
        ("stage: {number: 5}", "INVALID stage"),
        ("pipeline: {number: 3}", "NOT_FOUND pipeline"),
    ] {
        let mutation = format!(r#"createLead(input: {{companyName: "Sahel", {input}}}) {{ lead {{ id }} }}"#);
        assert_eq!(trial.refused(&mutation).await, expected, "{input}");
    }
    trial.done(r#"createLead(input: {companyName: "Sahel", stage: {number: 1}}) { lead { id } }"#).await;
    let moved =
        "updateLead(input: {lead: {number: 1}, stage: {number: 4}}) { lead { pipeline { number } stage { number } } }";
    assert_eq!(trial.done(moved).await["lead"], json!({"pipeline": {"number": 2}, "stage": {"number": 4}}));
    let emptied = "updateLead(input: {lead: {number: 1}, pipeline: {number: 1}}) { lead { stage { number } } }";
    assert_eq!(trial.done(emptied).await["lead"]["stage"], json!(null));
}

#[tokio::test]
async fn names_follow_their_parts_and_states_end() {
    let trial = Trial::new().await;
    trial.done(r#"createLead(input: {givenName: "Amina", companyName: "Sahel"}) { lead { id } }"#).await;
    let renamed = r#"updateLead(input: {lead: {number: 1}, familyName: "Bello"}) { lead { name } }"#;
    assert_eq!(trial.done(renamed).await["lead"]["name"], "Amina Bello");
    let anonymous = "updateLead(input: {lead: {number: 1}, givenName: null, familyName: null}) { lead { name } }";
    assert_eq!(trial.done(anonymous).await["lead"]["name"], "Sahel");
    let nothing = "updateLead(input: {lead: {number: 1}, companyName: null}) { lead { name } }";
    assert_eq!(trial.refused(nothing).await, "REQUIRED");
    let state =
        |state: &str| format!("updateLead(input: {{lead: {{number: 1}}, state: {state}}}) {{ lead {{ state }} }}");
    assert_eq!(trial.refused(&state("CONVERTED")).await, "INVALID state");
    trial.done(&state("JUNK")).await;
    let convert = "convertLeadToClient(input: {lead: {number: 1}}) { client { id } }";
    assert_eq!(trial.refused(convert).await, "WRONG_STATE lead");
    trial.done(&state("OPEN")).await;
    trial.done(convert).await;
    assert_eq!(trial.refused(&state("LOST")).await, "WRONG_STATE state");
    trial.done(r#"updateLead(input: {lead: {number: 1}, state: CONVERTED, jobTitle: "Buyer"}) { lead { id } }"#).await;
}

#[tokio::test]
async fn a_lead_becomes_one_client() {
    let trial = Trial::new().await;
    let create = r#"createLead(input: {givenName: "Amina", familyName: "Yusuf", companyName: "Sahel", jobTitle: "Buyer",
        email: "amina@sahel.example", phone: {number: "08011223344"}, country: {number: 1}}) { lead { id } }"#;
    trial.done_by(&Trial::ada(ADA), create).await;
    let mut watch = trial.hub.events.watch();
    let convert = "convertLeadToClient(input: {lead: {number: 1}}) { lead { state convertedAt status { name } client { number } } \
        client { number kind name email phone owner { number } createdBy { number } contacts { nodes { name jobTitle email isPrimary } } } }";
    let ada = Trial::ada(&["leads.read", "leads.write", "clients.read"]);
    let (one, other) = tokio::join!(trial.refused_by(&ada, convert), trial.refused_by(&ada, convert));
    let mut answers = [one, other];
    answers.sort();
    assert_eq!(answers, ["WRONG_STATE lead", "nothing"]);
    let lead = trial.read("lead(by: {number: 1}) { state convertedAt status { name } client { \
        number kind name email phone owner { number } createdBy { number } contacts { nodes { name jobTitle email isPrimary } } } }").await;
    let contact =
        json!({"name": "Amina Yusuf", "jobTitle": "Buyer", "email": "amina@sahel.example", "isPrimary": true});
    assert_eq!(lead["state"], "CONVERTED");
    assert_eq!(lead["status"]["name"], "Customer");
    assert!(lead["convertedAt"].is_string());
    let client = json!({
        "number": 1, "kind": "ACCOUNT", "name": "Sahel", "email": "amina@sahel.example", "phone": "+2348011223344",
        "owner": {"number": 1}, "createdBy": {"number": 1}, "contacts": {"nodes": [contact]},
    });
    assert_eq!(lead["client"], client);
    if trial.hub.database.backend() == sea_orm::DbBackend::Sqlite {
        assert_eq!(Trial::told(&mut watch), ["Updated Lead 1", "Created Client 1", "Created Contact 1"]);
    }
    trial.done(r#"createLead(input: {email: "AMINA@sahel.example"}) { lead { id } }"#).await;
    let again = "convertLeadToClient(input: {lead: {number: 2}}) { client { id } }";
    assert_eq!(trial.refused(again).await, "DUPLICATE_EMAIL lead");
    assert_eq!(trial.read("lead(by: {number: 2}) { state }").await["state"], "OPEN");
}

#[tokio::test]
async fn a_lead_becomes_a_prospect_with_a_deal() {
    let trial = Trial::new().await;
    trial
        .done_by(
            &Trial::ada(ADA),
            r#"createLead(input: {givenName: "Amina", email: "a@sahel.example"}) { lead { id } }"#,
        )
        .await;
    trial
        .done(r#"saveTeam(input: {name: "North", members: [{number: 1}, {number: 2}, {number: 4}]}) { team { id } }"#)
        .await;
    trial.done(r#"saveFollowUpCategory(input: {key: "new_lead", name: "New"}) { category { id } }"#).await;
    let convert = |rest: &str| {
        format!(
            "convertLeadToProspect(input: {{lead: {{number: 1}}, {rest}}}) {{ actions deal {{ title value {{ amount currency }} \
             stage {{ number }} members {{ number }} }} prospect {{ name lifecycle owner {{ number }} \
             qualification {{ budgetRange fitScore }} followUp {{ category {{ key }} }} \
             lifecycleChanges {{ from to }} }} lead {{ state prospect {{ number }} }} }}"
        )
    };
    for (rest, expected) in [
        (r#"qualification: {budgetRange: "a lot"}"#, "INVALID qualification.budgetRange"),
        ("qualification: {fitScore: 101}", "INVALID qualification.fitScore"),
        ("qualification: {}, isDealCreated: true", "REQUIRED qualification"),
    ] {
        assert_eq!(trial.refused(&convert(rest)).await, expected);
    }
    let done = trial
        .done(&convert(r#"qualification: {budgetRange: "50000-100000", fitScore: 85}, isDealCreated: true"#))
        .await;
    assert_eq!(done["actions"], json!(["LEAD_CONVERTED", "PROSPECT_CREATED", "DEAL_CREATED", "TEAM_NOTIFIED"]));
    let prospect = json!({
        "name": "Amina", "lifecycle": "QUALIFIED", "owner": {"number": 1},
        "qualification": {"budgetRange": "50000-100000", "fitScore": 85}, "followUp": {"category": {"key": "new_lead"}},
        "lifecycleChanges": [{"from": null, "to": "QUALIFIED"}],
    });
    assert_eq!(done["prospect"], prospect);
    let deal = json!({
        "title": "Deal with Amina", "value": {"amount": "100000.00", "currency": "NGN"}, "stage": {"number": 1},
        "members": [{"number": 1}],
    });
    assert_eq!(done["deal"], deal);
    assert_eq!(done["lead"], json!({"state": "CONVERTED", "prospect": {"number": 1}}));
    assert_eq!(trial.refused(&convert("qualification: {fitScore: 1}")).await, "WRONG_STATE lead");
}

#[tokio::test]
async fn an_empty_qualification_is_a_contact_only() {
    let trial = Trial::new().await;
    trial.done(r#"createLead(input: {givenName: "Amina", email: "a@sahel.example"}) { lead { id } }"#).await;
    trial.done(r#"createLead(input: {givenName: "Amina", email: "A@Sahel.example"}) { lead { id } }"#).await;
    let convert = |lead: i64| {
        format!(
            "convertLeadToProspect(input: {{lead: {{number: {lead}}}, qualification: {{}}, isTeamNotified: false}}) \
             {{ actions deal {{ id }} prospect {{ lifecycle }} }}"
        )
    };
    let done = trial.done(&convert(1)).await;
    assert_eq!(done["actions"], json!(["LEAD_CONVERTED", "PROSPECT_CREATED"]));
    assert_eq!((&done["deal"], &done["prospect"]["lifecycle"]), (&json!(null), &json!("CONTACTED")));
    assert_eq!(trial.refused(&convert(2)).await, "DUPLICATE_EMAIL lead");
}

#[tokio::test]
async fn deleted_leads_hold_no_status() {
    let trial = Trial::new().await;
    trial.done(r#"createLead(input: {givenName: "Amina"}) { lead { id } }"#).await;
    let delete = "deleteLeadStatus(input: {status: {number: 1}}) { deletedId }";
    assert!(trial.refused(delete).await.starts_with("WRONG_STATE"));
    trial.done("deleteLead(input: {lead: {number: 1}}) { deletedId }").await;
    trial.done(delete).await;
    assert_eq!(trial.refused("saveLeadStatus(input: {position: 3}) { status { id } }").await, "REQUIRED name");
}
