//! Tasks as callers of the schema meet them.

use serde_json::json;

use crate::trial::Trial;

#[tokio::test]
async fn a_task_is_the_viewers_unless_somebody_is_named() {
    let trial = Trial::new().await;
    for (input, expected) in [
        ("", json!([{"number": 3}])),
        (", assignees: [{number: 2}]", json!([{"number": 2}])),
        (", assignees: []", json!([])),
    ] {
        let mutation =
            format!(r#"createTask(input: {{title: "Call"{input}}}) {{ task {{ assignees {{ number }} }} }}"#);
        assert_eq!(trial.done(&mutation).await["task"]["assignees"], expected);
    }
}

#[tokio::test]
async fn a_task_does_not_end_before_it_begins() {
    let trial = Trial::new().await;
    let create = |days: &str| format!(r#"createTask(input: {{title: "Call", {days}}}) {{ task {{ id }} }}"#);
    assert_eq!(trial.refused(&create(r#"startOn: "2026-05-02", dueOn: "2026-05-01""#)).await, "INVALID_DATE dueOn");
    trial.done(&create(r#"startOn: "2026-05-02", dueOn: "2026-05-02""#)).await;
    let update = |days: &str| format!("updateTask(input: {{task: {{number: 1}}, {days}}}) {{ task {{ id }} }}");
    assert_eq!(trial.refused(&update(r#"startOn: "2026-05-03""#)).await, "INVALID_DATE dueOn");
    trial.done(&update(r#"startOn: "2026-05-03", dueOn: null"#)).await;
}
