//! The outbox: what fails is tried again, nothing is lost, nothing acts twice.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::DAUGHTER,
    group::{Group, PDF, instant},
    socket::Socket,
    source::Behaviour,
};

#[tokio::test]
async fn an_answer_that_gets_lost_is_no_second_effect() {
    let group = Group::start().await;
    group.subsidiary.behave(Behaviour::Forget);
    group.push("100").await;
    group.slip(PDF).await;
    assert_eq!(group.hub.deliver().await, 2);
    assert_eq!(group.applied().await, 2);
    assert_eq!(group.statuses().await, ["PENDING", "PENDING"]);
    group.subsidiary.behave(Behaviour::Good);
    group.hub.pass(TimeDelta::seconds(7));
    assert_eq!(group.hub.deliver().await, 2);
    assert_eq!(group.statuses().await, ["DELIVERED", "DELIVERED"]);
    assert_eq!(group.applied().await, 2, "the keys were the same");
}

#[tokio::test]
async fn what_fails_is_tried_by_the_schedule_then_given_up_then_retried_by_hand() {
    let group = Group::start().await;
    group.subsidiary.behave(Behaviour::Say(503, "{}"));
    group.push("100").await;
    for (attempts, least) in [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].into_iter().enumerate() {
        assert_eq!(group.hub.deliver().await, 1);
        let row = &group.deliveries().await[0];
        assert_eq!(row["attempts"].as_array().map(Vec::len), Some(attempts + 1));
        assert_eq!(row["lastError"], "SERVER_ERROR: It answered with status 503.");
        let wait = (instant(&row["nextAttemptAt"]) - group.hub.now()).num_milliseconds();
        assert!((least * 1_000..=least * 1_200).contains(&wait), "{wait} after {attempts}");
        group.hub.pass(TimeDelta::seconds(least - 1));
        assert_eq!(group.hub.deliver().await, 0, "not yet");
        group.hub.pass(TimeDelta::milliseconds(least * 200 + 1_000));
    }
    assert_eq!(group.hub.deliver().await, 1);
    let row = &group.deliveries().await[0];
    assert_eq!((&row["status"], &row["nextAttemptAt"]), (&json!("FAILED"), &Value::Null));
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(8));
    group.subsidiary.behave(Behaviour::Good);
    let retry = format!("retryDelivery(input: {{delivery: {{number: {}}}}})", row["number"]);
    group.admin.done(&format!("{retry} {{ delivery {{ status }} errors {{ code field message }} }}")).await;
    assert_eq!(group.hub.deliver().await, 1);
    assert_eq!(group.received().await, [10_000]);
    let again = group.admin.failures(&retry).await;
    assert_eq!(again, [("WRONG_STATE".to_owned(), "delivery".to_owned())], "it has arrived");
}

#[tokio::test]
async fn older_pay_never_overtakes_newer_pay() {
    let group = Group::start().await;
    group.subsidiary.behave(Behaviour::Forget);
    group.push("100").await;
    group.hub.deliver().await;
    // Nobody knows whether the first arrived, so it goes first, and now.
    group.push("200").await;
    group.subsidiary.behave(Behaviour::Say(500, ""));
    assert_eq!(group.hub.deliver().await, 1, "the second waits for the first");
    group.subsidiary.behave(Behaviour::Good);
    group.hub.pass(TimeDelta::minutes(7));
    assert_eq!(group.hub.deliver().await, 2);
    assert_eq!((group.received().await, group.statuses().await), (vec![20_000], vec!["DELIVERED".to_owned(); 2]));
    // One that was given up before is not sent after a newer one.
    let old = group.deliveries().await[1]["number"].clone();
    group.hub.execute(&format!("UPDATE delivery SET status = 'FAILED' WHERE id = {old}")).await;
    let retry = format!("retryDelivery(input: {{delivery: {{number: {old}}}}})");
    assert_eq!(group.admin.failures(&retry).await[0].0, "WRONG_STATE");
}

#[tokio::test]
async fn a_refusal_is_final_and_a_waiting_one_can_be_called_back() {
    let group = Group::start().await;
    let nobody = json!({ "staff_id": group.admin.number, "tenant_id": DAUGHTER, "remote_staff_number": 4711 });
    group.hub.insert("staff_mapping", nobody).await;
    let input = group.input("1").replace(&format!("remoteStaffNumber: {}", group.person), "remoteStaffNumber: 4711");
    group.admin.done(&format!("pushPayroll(input: {{{input}}}) {{ errors {{ code field message }} }}")).await;
    group.hub.deliver().await;
    let row = &group.deliveries().await[0];
    assert_eq!(row["status"], "FAILED");
    assert_eq!(row["lastError"], "REFUSED: NOT_FOUND: Nobody here has this number.");
    // The same pay again, now by hand.
    group.admin.done(&format!("pushPayroll(input: {{{input}}}) {{ errors {{ code field message }} }}")).await;
    let cancel = format!("cancelDelivery(input: {{delivery: {{number: {}}}}})", group.deliveries().await[0]["number"]);
    let done = group.admin.done(&format!("{cancel} {{ delivery {{ status }} errors {{ code field message }} }}")).await;
    assert_eq!(done.text("cancelDelivery.delivery.status"), "CANCELLED");
    assert_eq!(group.hub.deliver().await, 0);
    assert_eq!(group.admin.failures(&cancel).await, [("WRONG_STATE".to_owned(), "delivery".to_owned())]);
}

#[tokio::test]
async fn replicas_share_the_outbox_and_a_dead_one_holds_nothing_up() {
    let group = Group::start().await;
    let other = TestApp::builder().beside(&group.hub).start().await;
    for year in 1990..2020 {
        let input = group.input("1").replace("2026", &year.to_string());
        group.admin.done(&format!("pushPayroll(input: {{{input}}}) {{ errors {{ code field message }} }}")).await;
    }
    let before = group.subsidiary.calls();
    // Several processes write to one SQLite file only by waiting for one another.
    let other = async { if group.hub.is_postgres() { other.deliver().await } else { 0 } };
    let (here, there) = tokio::join!(group.hub.deliver(), other);
    assert_eq!(here + there, 30);
    assert_eq!(group.subsidiary.calls() - before, 30, "each was sent once");
    assert_eq!(group.subsidiary.app.count("SELECT COUNT(*) FROM payroll_entry").await, 30);
    // Somebody took it and died.
    group.push("5").await;
    let until = (group.hub.now() + TimeDelta::seconds(22)).to_rfc3339();
    let sql = format!("UPDATE delivery SET lease = 'dead', leased_until = '{until}' WHERE status = 'PENDING'");
    group.hub.execute(&sql).await;
    assert_eq!(group.hub.deliver().await, 0);
    group.hub.pass(TimeDelta::seconds(23));
    assert_eq!(group.hub.deliver().await, 1);
    assert_eq!(group.statuses().await[0], "DELIVERED");
}

#[tokio::test]
async fn each_step_of_a_delivery_is_told() {
    let group = Group::start().await;
    group.hub.listens(1).await;
    let mut socket = Socket::open(&group.hub, &group.admin).await;
    socket.subscribe("subscription { deliveryChanged(kind: PAYROLL) { status payrollEntry { number } } }").await;
    let entry = group.push("100").await;
    let told = |status: &str| json!({ "deliveryChanged": { "status": status, "payrollEntry": { "number": entry } } });
    assert_eq!(socket.event().await, told("PENDING"));
    group.hub.deliver().await;
    assert_eq!(socket.event().await, told("DELIVERED"));
}
