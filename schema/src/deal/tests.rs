//! Deals as callers of the schema meet them.

use groupgraph_entities::prospect;
use sea_orm::{ActiveModelTrait, Set};
use serde_json::json;

use crate::trial::Trial;

async fn prospect(trial: &Trial, lifecycle: &str) {
    let row = prospect::ActiveModel {
        tenant_id: Set(1),
        name: Set("Sahel".into()),
        lifecycle: Set(lifecycle.into()),
        created_at: Set(trial.hub.clock.now()),
        updated_at: Set(trial.hub.clock.now()),
        ..Default::default()
    };
    row.insert(&trial.hub.database.write).await.unwrap();
}

const FIELDS: &str = "deal { title status phase probability closedAt description pipeline { number } stage { number } \
    owner { number } members { number } }";

#[tokio::test]
async fn a_deal_begins_at_the_first_stage() {
    let trial = Trial::new().await;
    prospect(&trial, "QUALIFIED").await;
    prospect(&trial, "NEW").await;
    let ada = Trial::ada(&["deals.read", "deals.write", "crm.prospects", "crm.all_prospects"]);
    let done = trial.done_by(&ada, &format!("createDeal(input: {{prospect: {{number: 1}}}}) {{ {FIELDS} }}")).await;
    let expected = json!({
        "title": "Deal with Sahel", "status": "OPEN", "phase": "DISCOVERY", "probability": null, "closedAt": null,
        "description": null, "pipeline": {"number": 1}, "stage": {"number": 1}, "owner": {"number": 1},
        "members": [{"number": 1}],
    });
    assert_eq!(done["deal"], expected);
    let with_members =
        r#"createDeal(input: {title: "Fleet", pipeline: {number: 2}, owner: {number: 2}, members: [{number: 1}]})"#;
    let done = trial.done_by(&ada, &format!("{with_members} {{ {FIELDS} }}")).await;
    assert_eq!(done["deal"]["stage"], json!({"number": 4}));
    assert_eq!(done["deal"]["members"], json!([{"number": 1}, {"number": 2}]));
    for (input, expected) in [
        ("prospect: {number: 2}", "WRONG_STATE prospect"),
        ("pipeline: {number: 1}", "REQUIRED title"),
        (r#"title: " ", pipeline: {number: 1}"#, "REQUIRED title"),
        (r#"title: "Fleet", pipeline: {number: 1}, stage: {number: 4}"#, "INVALID stage"),
        (r#"title: "Fleet", probability: 101"#, "INVALID probability"),
    ] {
        let mutation = format!("createDeal(input: {{{input}}}) {{ deal {{ id }} }}");
        assert_eq!(trial.refused(&mutation).await, expected, "{input}");
    }
}

#[tokio::test]
async fn deals_move_within_their_pipeline_until_they_close() {
    let trial = Trial::new().await;
    trial.done(r#"createDeal(input: {title: "Fleet"}) { deal { id } }"#).await;
    let step =
        |stage: i64| format!("moveDeal(input: {{deal: {{number: 1}}, stage: {{number: {stage}}}}}) {{ {FIELDS} }}");
    assert_eq!(trial.done(&step(2)).await["deal"]["phase"], "PROPOSAL");
    assert_eq!(trial.refused(&step(4)).await, "INVALID stage");
    let update = |input: &str| format!("updateDeal(input: {{deal: {{number: 1}}, {input}}}) {{ {FIELDS} }}");
    assert_eq!(trial.done(&update("phase: NEGOTIATION")).await["deal"]["stage"], json!({"number": 3}));
    for (input, expected) in [
        ("stage: {number: 4}", "INVALID stage"),
        ("status: WON, phase: LOST", "INVALID phase"),
        ("stage: {number: 1}, phase: PROPOSAL", "INVALID phase"),
        ("pipeline: {number: 2}, phase: PROPOSAL", "INVALID phase"),
        (r#"title: """#, "REQUIRED title"),
    ] {
        assert_eq!(trial.refused(&update(input)).await, expected, "{input}");
    }
    let elsewhere = trial.done(&update("pipeline: {number: 2}")).await;
    assert_eq!(elsewhere["deal"]["stage"], json!({"number": 4}));
    let won = trial.done(&update("phase: WON")).await;
    assert_eq!((&won["deal"]["status"], &won["deal"]["probability"]), (&json!("WON"), &json!(100)));
    let closed_at = won["deal"]["closedAt"].clone();
    trial.set_now("2026-06-01T00:00:00Z");
    for (input, expected) in [
        ("status: LOST", "WRONG_STATE status"),
        ("phase: DISCOVERY", "WRONG_STATE phase"),
        ("stage: {number: 1}", "WRONG_STATE stage"),
        ("probability: 50", "WRONG_STATE probability"),
    ] {
        assert_eq!(trial.refused(&update(input)).await, expected, "{input}");
    }
    assert_eq!(trial.refused(&step(4)).await, "WRONG_STATE deal");
    let same = trial.done(&update(r#"status: WON, title: "Fleet of 20""#)).await;
    assert_eq!((&same["deal"]["title"], &same["deal"]["closedAt"]), (&json!("Fleet of 20"), &closed_at));
    let win = "winDeal(input: {deal: {number: 1}}) { deal { id } }";
    assert_eq!(trial.refused(win).await, "WRONG_STATE deal");
}

#[tokio::test]
async fn a_lost_deal_says_why() {
    let trial = Trial::new().await;
    for input in [r#"title: "Fleet", description: "Vans""#, r#"title: "Fuel""#] {
        trial.done(&format!("createDeal(input: {{{input}}}) {{ deal {{ id }} }}")).await;
    }
    for (number, description) in [(1, "Vans\n\nToo dear"), (2, "Too dear")] {
        let lose = format!(r#"loseDeal(input: {{deal: {{number: {number}}}, reason: "Too dear"}}) {{ {FIELDS} }}"#);
        let deal = &trial.done(&lose).await["deal"];
        assert_eq!(deal["description"], description);
        assert_eq!(
            (&deal["status"], &deal["probability"], &deal["phase"]),
            (&json!("LOST"), &json!(0), &json!("LOST"))
        );
        assert_eq!(trial.refused(&lose).await, "WRONG_STATE deal");
    }
}

#[tokio::test]
async fn stages_and_pipelines_are_whole() {
    let trial = Trial::new().await;
    for (mutation, expected) in [
        (r#"saveStage(input: {name: "Talks"}) { stage { id } }"#, "REQUIRED pipeline"),
        (r#"saveStage(input: {name: "Talks", pipeline: {number: 1}, phase: WON}) { stage { id } }"#, "INVALID phase"),
        ("saveStage(input: {pipeline: {number: 1}}) { stage { id } }", "REQUIRED name"),
        ("savePipeline(input: {position: 1}) { pipeline { id } }", "REQUIRED name"),
    ] {
        assert_eq!(trial.refused(mutation).await, expected, "{mutation}");
    }
    trial.done(r#"createLead(input: {companyName: "Sahel", stage: {number: 4}}) { lead { id } }"#).await;
    let delete = "deletePipeline(input: {pipeline: {number: 2}}) { deletedId }";
    assert!(trial.refused(delete).await.starts_with("WRONG_STATE"));
    trial.done("deleteLead(input: {lead: {number: 1}}) { deletedId }").await;
    trial.done(delete).await;
}
