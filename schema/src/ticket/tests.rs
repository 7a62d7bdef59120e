//! Tickets as callers of the schema meet them.

use serde_json::json;

use crate::trial::Trial;

const CREATE: &str = r#"createTicket(input: {subject: "No power", message: "Since noon"})
    { ticket { key kind status priority openedBy { number } } }"#;

#[tokio::test]
async fn a_ticket_opens_with_a_key() {
    let trial = Trial::new().await;
    let ticket = trial.done_by(&Trial::ada(&["tickets.read", "tickets.write"]), CREATE).await["ticket"].clone();
    let key = ticket["key"].as_str().unwrap();
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(
        (&ticket["kind"], &ticket["status"], &ticket["priority"]),
        (&json!("SUPPORT"), &json!("OPEN"), &json!("MEDIUM"))
    );
    assert_eq!(ticket["openedBy"]["number"], 1);
    assert_ne!(trial.done(CREATE).await["ticket"]["key"], ticket["key"]);
}

#[tokio::test]
async fn a_ticket_closes_once_and_opens_again() {
    let trial = Trial::new().await;
    trial.done(CREATE).await;
    let close = "closeTicket(input: {ticket: {number: 1}}) { ticket { status closedAt } }";
    let closed = trial.done(close).await["ticket"].clone();
    assert_eq!(closed["status"], "CLOSED");
    assert_eq!(trial.refused(close).await, "WRONG_STATE ticket");
    trial.set_now("2026-06-01T00:00:00Z");
    let update = |status: &str| {
        format!("updateTicket(input: {{ticket: {{number: 1}}, status: {status}}}) {{ ticket {{ closedAt }} }}")
    };
    assert_eq!(trial.done(&update("CLOSED")).await["ticket"]["closedAt"], closed["closedAt"]);
    assert_eq!(trial.done(&update("IN_PROGRESS")).await["ticket"]["closedAt"], json!(null));
    assert!(trial.done(&update("CLOSED")).await["ticket"]["closedAt"].is_string());
}

#[tokio::test]
async fn who_gets_a_ticket_is_told() {
    let trial = Trial::new().await;
    trial.done(CREATE).await;
    let mut watch = trial.hub.events.watch();
    let assign = |rest: &str| {
        format!("assignTicket(input: {{ticket: {{number: 1}}{rest}}}) {{ ticket {{ assignee {{ number }} }} }}")
    };
    assert_eq!(trial.done(&assign(", assignee: {number: 1}")).await["ticket"]["assignee"], json!({"number": 1}));
    if trial.hub.database.backend() == sea_orm::DbBackend::Sqlite {
        assert_eq!(Trial::told(&mut watch), ["Updated Ticket 1", "Created Notification 1"]);
    }
    assert_eq!(trial.refused(&assign(", assignee: {number: 4}")).await, "INVALID assignee");
    assert_eq!(trial.done(&assign("")).await["ticket"]["assignee"], json!(null));
    let ada = Trial::ada(&[]);
    let mark = "markNotificationsRead(input: {notifications: [{number: 1}]}) { unreadCount }";
    assert_eq!(trial.refused(mark).await, "NOT_FOUND notifications.0");
    trial.done(&assign(", assignee: {number: 1}")).await;
    assert_eq!(trial.done_by(&ada, mark).await["unreadCount"], 1);
    assert_eq!(trial.done_by(&ada, "markNotificationsRead(input: {}) { unreadCount }").await["unreadCount"], 0);
}
