//! Pay: pushed at the hub, taken in at a subsidiary that is an instance of its own.

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    actor::Answer,
    app::{DAUGHTER, HEAD_OFFICE},
    group::{Group, PDF, instant},
};

#[tokio::test]
async fn pay_reaches_the_company_whole() {
    let group = Group::start().await;
    let entry = group.push("1234.5").await;
    let waiting = &group.deliveries().await[0];
    assert_eq!((&waiting["kind"], &waiting["status"]), (&json!("PAYROLL"), &json!("PENDING")));
    assert_eq!(waiting["tenant"]["number"], DAUGHTER);
    assert_eq!(waiting["payrollEntry"]["number"], entry);
    assert_eq!(group.received().await, Vec::<i64>::new(), "stored first, then delivered");
    assert_eq!(group.hub.deliver().await, 1);
    let delivered = &group.deliveries().await[0];
    assert_eq!(delivered["status"], "DELIVERED");
    assert_eq!(instant(&delivered["deliveredAt"]), group.hub.now());
    assert_eq!(delivered["attempts"][0]["statusCode"], 200);
    assert_eq!((&delivered["lastError"], &delivered["nextAttemptAt"]), (&Value::Null, &Value::Null));
    let query = "{ payrollEntries { nodes { tenant { number } remoteStaffNumber month year netSalary { amount currency } \
        bonuses { title amount { amount currency } details } deductions { title amount { amount } } pushedAt } totalCount } }";
    for (who, company) in [(&group.admin, DAUGHTER), (&group.there, HEAD_OFFICE)] {
        let answer = who.query(query).await;
        assert_eq!(answer.number("payrollEntries.totalCount"), 1);
        let row = answer.data("payrollEntries.nodes.0");
        assert_eq!(row["tenant"]["number"], company);
        assert_eq!((&row["month"], &row["year"]), (&json!("MAY"), &json!(2026)));
        assert_eq!(row["netSalary"], json!({ "amount": "1234.50", "currency": "EUR" }));
        let bonus = &row["bonuses"][0];
        assert_eq!(bonus["details"], json!({ "receipt": 7, "by": "car" }));
        // The currency that is not named is that of the company, and travels by name.
        assert_eq!(bonus["amount"], json!({ "amount": "50.00", "currency": "USD" }));
        assert_eq!(row["deductions"].as_array().map(Vec::len), Some(2));
        assert_eq!(row["deductions"][1]["title"], "Loan");
    }
}

#[tokio::test]
async fn the_same_pay_is_sent_once_and_a_new_one_replaces_it() {
    let group = Group::start().await;
    let entry = group.push("100").await;
    assert_eq!(group.push("100").await, entry);
    assert_eq!(group.statuses().await, ["PENDING"]);
    // Never tried, so it need not go first.
    group.push("200").await;
    assert_eq!(group.statuses().await, ["PENDING", "CANCELLED"]);
    assert_eq!(group.hub.deliver().await, 1);
    group.push("200").await;
    assert_eq!(group.hub.deliver().await, 0);
    group.push("300").await;
    assert_eq!(group.hub.deliver().await, 1);
    assert_eq!((group.received().await, group.applied().await), (vec![30_000], 2));
}

#[tokio::test]
async fn what_cannot_be_pushed_is_told_and_nothing_is_written() {
    let group = Group::start().await;
    let tenant = json!({ "name": "Alone", "namespace": "alone", "base_currency": "EUR", "time_zone": "UTC" });
    let alone = group.hub.insert("tenant", tenant).await;
    let good = group.input("100");
    let person = format!("remoteStaffNumber: {}", group.person);
    let changed = |from: &str, to: &str| good.replace(from, to);
    for (input, code, field) in [
        (changed(&format!("number: {DAUGHTER}"), &format!("number: {alone}")), "WRONG_STATE", "tenant"),
        (changed(&format!("number: {DAUGHTER}"), "number: 999"), "NOT_FOUND", "tenant"),
        (changed(&person, "remoteStaffNumber: 4711"), "NOT_FOUND", "remoteStaffNumber"),
        (changed(&person, "remoteStaffNumber: 0"), "INVALID", "remoteStaffNumber"),
        (changed("2026", "26"), "INVALID", "year"),
        (changed("\"100\"", "\"-1\""), "INVALID", "netSalary"),
        (changed("\"100\"", "\"much\""), "INVALID", "netSalary"),
        (changed("\"EUR\"", "\"XXX\""), "UNKNOWN_VALUE", "netSalary.currency"),
        (changed("title: \"Loan\"", "title: \" \""), "INVALID", "deductions.1.title"),
        (changed("amountMinor: 5000", "amountMinor: -1"), "INVALID", "bonuses.0.amount"),
    ] {
        let failures = group.admin.failures(&format!("pushPayroll(input: {{{input}}})")).await;
        assert_eq!(failures, [(code.to_owned(), field.to_owned())], "{input}");
    }
    group.hub.execute("UPDATE source SET mode = 'MAPPED'").await;
    let failures = group.admin.failures(&format!("pushPayroll(input: {{{good}}})")).await;
    assert_eq!(failures, [("WRONG_STATE".to_owned(), "tenant".to_owned())], "a mapped source takes no pay");
    assert_eq!(group.hub.count("SELECT COUNT(*) FROM payroll_entry").await, 0);
    assert_eq!(group.hub.count("SELECT COUNT(*) FROM delivery").await, 0);
}

#[tokio::test]
async fn a_source_that_becomes_a_mapped_one_gets_no_pay() {
    let group = Group::start().await;
    group.push("100").await;
    group.hub.execute("UPDATE source SET mode = 'MAPPED'").await;
    group.hub.deliver().await;
    let row = &group.deliveries().await[0];
    assert_eq!(row["status"], "FAILED");
    assert_eq!(row["lastError"], "NOT_OFFERED: The system of the company takes no pay.");
    assert_eq!(group.received().await, Vec::<i64>::new());
}

#[tokio::test]
async fn the_hubs_own_people_need_no_delivery() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.insert("source", json!({
        "name": "Own", "mode": "LOCAL", "timeout_ms": 1000, "max_answer_bytes": 1000, "max_concurrency": 1, "cache_seconds": 0,
    }))
    .await;
    let input = format!(
        "tenant: {{number: {HEAD_OFFICE}}}, remoteStaffNumber: {}, month: MAY, year: 2026, netSalary: {{amount: 1}}",
        admin.number
    );
    let pushed = format!(
        "pushPayroll(input: {{{input}}}) {{ payrollEntry {{ delivery {{ status }} }} errors {{ code field message }} }}"
    );
    assert_eq!(admin.done(&pushed).await.data("pushPayroll.payrollEntry"), &json!({ "delivery": null }));
    assert_eq!(app.deliver().await, 0);
}

#[tokio::test]
async fn pay_and_payslips_are_for_those_who_may_see_them() {
    let group = Group::start().await;
    group.push("100").await;
    group.slip(PDF).await;
    let file = group.hub.count("SELECT id FROM file").await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let ids = [("PayrollEntry", 1), ("Payslip", 1), ("Delivery", 1), ("File", file)];
    let ids: Vec<String> = ids.iter().map(|(of, number)| group.hub.id(of, *number)).collect();
    for (words, company, seen) in [
        (&["payroll.read", "deliveries.read"][..], DAUGHTER, 4),
        (&["payroll.read"], DAUGHTER, 3),
        (&["deliveries.read", "payroll.push"], DAUGHTER, 1),
        (&[], DAUGHTER, 0),
        (&["payroll.read", "deliveries.read"], HEAD_OFFICE, 0),
    ] {
        let who = group.hub.staff_of(company, &format!("{words:?} {company}"), words).await;
        let answer = who.query_with(query, json!({ "ids": ids })).await;
        let found = answer.data("nodes").as_array().expect("a list").iter().filter(|row| !row.is_null()).count();
        assert_eq!(found, seen, "{words:?} at {company}");
    }
    // Whoever pushes for a company must reach it.
    let elsewhere = group.hub.staff_of(HEAD_OFFICE, "Elsewhere", &["payroll.push"]).await;
    let failures = elsewhere.failures(&format!("pushPayroll(input: {{{}}})", group.input("1"))).await;
    assert_eq!(failures, [("NOT_FOUND".to_owned(), "tenant".to_owned())]);
}

#[tokio::test]
async fn a_key_acts_once_and_a_month_has_one_entry() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let hub = app.machine(&["payroll.receive"]).await;
    let other = app.person(json!({ "name": "Other" })).await;
    let send = async |key: &str, person: i64, amount: i64| {
        let query = "mutation($input: UpsertPayrollEntryInput!) { upsertPayrollEntry(input: $input) \
            { payrollEntry { number netSalary { amountMinor } } errors { code field message } } }";
        let input = json!({
            "idempotencyKey": key, "remoteStaffNumber": person, "month": "JUNE", "year": 2026,
            "netSalary": { "amountMinor": amount, "currency": "EUR" },
        });
        hub.query_with(query, json!({ "input": input })).await
    };
    let net = |answer: &Answer| answer.number("upsertPayrollEntry.payrollEntry.netSalary.amountMinor");
    assert_eq!(net(&send("a", admin.number, 1).await), 1);
    assert_eq!(net(&send("a", admin.number, 2).await), 1, "the same key never acts twice");
    assert_eq!(net(&send("b", admin.number, 2).await), 2);
    assert_eq!(net(&send("a", admin.number, 1).await), 2, "nor late");
    let stolen = send("a", other, 3).await;
    assert_eq!(stolen.errors("upsertPayrollEntry"), [("INVALID".to_owned(), "idempotencyKey".to_owned())]);
    let nobody = send("c", 4711, 3).await;
    assert_eq!(nobody.errors("upsertPayrollEntry"), [("NOT_FOUND".to_owned(), "remoteStaffNumber".to_owned())]);
    // A refusal uses no key up.
    assert_eq!(net(&send("c", other, 3).await), 3);
    assert_eq!(app.count("SELECT COUNT(*) FROM payroll_entry").await, 2);
    // Fifty at once are one.
    let at_once = (0..50).map(|_| send("d", admin.number, 9));
    for answer in futures_util::future::join_all(at_once).await {
        assert_eq!(net(&answer), 9);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM activity_log WHERE description = 'Changed payroll entry 1'").await, 2);
}
