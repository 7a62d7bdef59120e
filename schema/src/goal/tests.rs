//! Goals as callers of the schema meet them.

use chrono::{DateTime, Utc};
use groupgraph_entities::{client, deal, payment};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::json;

use super::{achieved, units_achieved};
use crate::trial::Trial;

async fn income(trial: &Trial, (minor, currency, status, day): (i64, &str, &str, &str), by: i64) {
    let row = payment::ActiveModel {
        tenant_id: Set(1),
        uuid: Set(uuid::Uuid::new_v4().to_string()),
        amount_minor: Set(minor),
        currency: Set(currency.into()),
        status: Set(status.into()),
        received_by_id: Set(Some(by)),
        paid_on: Set(day.parse().unwrap()),
        created_at: Set(trial.hub.clock.now()),
        updated_at: Set(trial.hub.clock.now()),
        ..Default::default()
    };
    row.insert(&trial.hub.database.write).await.unwrap();
}

#[tokio::test]
async fn units_are_counted_from_rows() {
    let trial = Trial::new().await;
    for (payment, by) in [
        ((150_050, "NGN", "SETTLED", "2026-05-31"), 1),
        ((100, "NGN", "SETTLED", "2026-05-01"), 2),
        ((900_000, "USD", "SETTLED", "2026-05-10"), 1),
        ((900_000, "NGN", "FAILED", "2026-05-10"), 1),
        ((900_000, "NGN", "SETTLED", "2026-06-01"), 1),
    ] {
        income(&trial, payment, by).await;
    }
    // In Lagos the first one is of May, the second one of June.
    for instant in ["2026-04-30T23:00:00Z", "2026-05-31T23:00:00Z"] {
        let at: DateTime<Utc> = instant.parse().unwrap();
        let row = client::ActiveModel {
            tenant_id: Set(1),
            uuid: Set(uuid::Uuid::new_v4().to_string()),
            name: Set("Sahel".into()),
            created_by_id: Set(Some(1)),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        row.insert(&trial.hub.database.write).await.unwrap();
        let row = deal::ActiveModel {
            tenant_id: Set(1),
            title: Set("Fleet".into()),
            status: Set("WON".into()),
            owner_id: Set(Some(2)),
            closed_at: Set(Some(at)),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        row.insert(&trial.hub.database.write).await.unwrap();
    }
    trial.done(r#"createLead(input: {companyName: "Sahel", owner: {number: 1}}) { lead { id } }"#).await;
    trial.done("convertLeadToClient(input: {lead: {number: 1}}) { client { id } }").await;
    let days = ("2026-05-01".parse().unwrap(), "2026-05-31".parse().unwrap());
    for (measure, staff, expected) in [
        ("INCOME", None, 1501),
        ("INCOME", Some(1), 1500),
        ("INCOME", Some(3), 0),
        ("NEW_CLIENTS", None, 2),
        ("NEW_CLIENTS", Some(1), 1),
        ("WON_DEALS", Some(2), 1),
        ("WON_DEALS", Some(1), 0),
        ("CONVERTED_LEADS", Some(1), 1),
    ] {
        let units = achieved(&trial.hub, 1, staff, measure, days).await.unwrap();
        assert_eq!(units, expected, "{measure} {staff:?}");
    }
    assert!(achieved(&trial.hub, 1, None, "LUCK", days).await.is_err());
}

#[tokio::test]
async fn goals_are_possible_and_show_how_far_they_are() {
    let trial = Trial::new().await;
    let create = |rest: &str| {
        format!(
            r#"createGoal(input: {{staff: {{number: 1}}, subject: "May", measure: CONVERTED_LEADS, {rest}}}) {{ goal {{ achieved percent }} }}"#
        )
    };
    let days = r#"startOn: "2026-05-01", endOn: "2026-05-31""#;
    assert_eq!(trial.refused(&create(&format!("{days}, target: 0"))).await, "INVALID target");
    let backwards = r#"startOn: "2026-05-31", endOn: "2026-05-01", target: 1"#;
    assert_eq!(trial.refused(&create(backwards)).await, "INVALID_DATE endOn");
    trial.done(r#"createLead(input: {companyName: "Sahel", owner: {number: 1}}) { lead { id } }"#).await;
    trial.done("convertLeadToClient(input: {lead: {number: 1}}) { client { id } }").await;
    let goal = trial.done(&create(&format!("{days}, target: 3"))).await;
    assert_eq!(goal["goal"], json!({"achieved": 1, "percent": 33.3}));
    assert_eq!(units_achieved(&trial.hub, 1, 1).await.unwrap(), 1);
    assert_eq!(units_achieved(&trial.hub, 1, 2).await.unwrap(), 0);
    let update = r#"updateGoal(input: {goal: {number: 1}, endOn: "2026-04-30"}) { goal { id } }"#;
    assert_eq!(trial.refused(update).await, "INVALID_DATE endOn");
}
