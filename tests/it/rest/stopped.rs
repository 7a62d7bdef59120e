//! Subsidiaries that are down: the lists of the group still answer with the rows of the others, and name them.

use http::Method;
use serde_json::{Value, json};

use super::cases::{Call, send};
use crate::support::{
    app::DAUGHTER,
    source::{Behaviour, Subsidiary, group},
};

/// Lists over all companies, and the table of their rows.
const LISTS: [(&str, &str); 8] = [
    ("global-staff", "staff"),
    ("global-leads", "lead"),
    ("global-deals", "deal"),
    ("global-tickets", "ticket"),
    ("global-announcements", "announcement"),
    ("global-activity-logs", "activity_log"),
    ("global-invoices", "invoice"),
    ("global-payments", "payment"),
];

fn row(table: &str) -> Value {
    match table {
        "staff" => json!({ "name": "Somebody" }),
        "lead" => json!({ "is_public": true }),
        "announcement" => json!({ "is_published": true, "published_at": "2026-05-01T00:00:00Z" }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn two_subsidiaries_stopped() {
    let (hub, admin, down) = group().await;
    let brother = json!({ "name": "Brother", "namespace": "brother", "base_currency": "EUR", "time_zone": "UTC" });
    let number = hub.insert("tenant", brother).await;
    hub.hub.directory.load(&hub.hub.database.read).await.expect("the companies are there");
    let up = Subsidiary::start().await;
    for (_, table) in LISTS {
        up.app.insert(table, row(table)).await;
    }
    up.join(&hub, &admin, number).await;
    for (index, company) in [DAUGHTER, number - 1, number].into_iter().enumerate() {
        let mapping = json!({ "staff_id": admin.number, "tenant_id": company, "remote_staff_number": index + 1 });
        hub.insert("staff_mapping", mapping).await;
    }
    down[0].behave(Behaviour::Say(503, ""));
    down[1].behave(Behaviour::Say(502, "{\"errors\": []}"));
    for (list, _) in LISTS.into_iter().chain([("global-tasks", "")]) {
        let token = admin.token.as_deref();
        let call = Call { method: Method::GET, path: format!("/api/sso/{list}"), token, ..Call::default() };
        let answer = send(&hub, call).await;
        assert_eq!((answer.status, &answer.json["status"]), (200, &json!("success")), "{list}: {}", answer.text);
        let names = |member: &str| -> Vec<&str> {
            let rows = answer.json[member].as_array().expect("a list");
            rows.iter().map(|row| row["company_name"].as_str().expect("a name")).collect()
        };
        let mut missing = names("errors");
        missing.sort_unstable();
        assert_eq!(missing, ["Daughter", "Sister"], "{list}: {}", answer.text);
        let rows = names("data");
        assert!(rows.iter().all(|name| *name == "Brother"), "{list}: {}", answer.text);
        // Tasks are those of the caller, who has none there.
        assert!(!rows.is_empty() || list == "global-tasks", "{list}: {}", answer.text);
    }
}
