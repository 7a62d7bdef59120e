//! Announcements as callers of the schema meet them.

use groupgraph_entities::notification;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use crate::trial::Trial;

#[tokio::test]
async fn an_announcement_is_harmless_and_published_once() {
    let trial = Trial::new().await;
    let create = |html: &str| {
        format!(
            r#"createAnnouncement(input: {{title: "News", bodyHtml: "{html}"}}) {{ announcement {{ bodyHtml bodyText isPublished }} }}"#
        )
    };
    assert_eq!(trial.refused(&create("<script>x</script>")).await, "REQUIRED bodyHtml");
    let done = trial.done(&create("<p onclick='x'>Tea &amp; cake</p>")).await;
    let expected = json!({"bodyHtml": "<p>Tea &amp; cake</p>", "bodyText": "Tea & cake", "isPublished": false});
    assert_eq!(done["announcement"], expected);
    let publish =
        "publishAnnouncement(input: {announcement: {number: 1}}) { announcement { isPublished publishedAt } }";
    assert!(trial.done(publish).await["announcement"]["publishedAt"].is_string());
    let told = notification::Entity::find().order_by_asc(notification::Column::RecipientId);
    let told = told.all(&trial.hub.database.read).await.unwrap();
    let recipients: Vec<_> = told.iter().map(|row| row.recipient_id).collect();
    assert_eq!(recipients, [1, 2, 3]);
    assert!(told.iter().all(|row| row.text == "News" && row.subject_type.as_deref() == Some("Announcement")));
    assert_eq!(trial.refused(publish).await, "WRONG_STATE announcement");
}
