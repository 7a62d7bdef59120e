//! Pay and payslips: pushed at the hub, carried by the outbox, taken in at a subsidiary that is an instance of its own.

use axum::{body::to_bytes, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Actor, TestApp,
    actor::Answer,
    app::{DAUGHTER, HEAD_OFFICE},
    socket::Socket,
    source::{Behaviour, Subsidiary},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

/// A hub, and a subsidiary at which one person works.
struct Group {
    hub: TestApp,
    admin: Actor,
    subsidiary: Subsidiary,
    /// Administrator there.
    there: Actor,
    person: i64,
}

impl Group {
    async fn start() -> Self {
        let hub = TestApp::start().await;
        let admin = hub.administrator().await;
        let subsidiary = Subsidiary::start().await;
        subsidiary.join(&hub, &admin, DAUGHTER).await;
        let there = subsidiary.app.administrator().await;
        let person = subsidiary.app.person(json!({ "name": "Paid" })).await;
        let mapping = json!({ "staff_id": admin.number, "tenant_id": DAUGHTER, "remote_staff_number": person });
        hub.insert("staff_mapping", mapping).await;
        Self { hub, admin, subsidiary, there, person }
    }

    fn input(&self, amount: &str) -> String {
        format!(
            "tenant: {{number: {DAUGHTER}}}, remoteStaffNumber: {}, month: MAY, year: 2026, \
             netSalary: {{amount: \"{amount}\", currency: \"EUR\"}}, \
             bonuses: [{{title: \"Travel\", amount: {{amountMinor: 5000}}, details: {{receipt: 7, by: \"car\"}}}}], \
             deductions: [{{title: \"Tax\", amount: {{amount: 10}}}}, {{title: \"Loan\", amount: {{amount: 1}}}}]",
            self.person
        )
    }

    /// Pushes pay; answers the entry.
    async fn push(&self, amount: &str) -> i64 {
        let mutation = format!(
            "pushPayroll(input: {{{}}}) {{ payrollEntry {{ number }} errors {{ code field message }} }}",
            self.input(amount)
        );
        self.admin.done(&mutation).await.number("pushPayroll.payrollEntry.number")
    }

    /// Stores a payslip; answers its number.
    async fn slip(&self, content: &[u8]) -> i64 {
        self.admin.done(&self.slip_mutation(content)).await.number("storePayslip.payslip.number")
    }

    fn slip_mutation(&self, content: &[u8]) -> String {
        format!(
            "storePayslip(input: {{tenant: {{number: {DAUGHTER}}}, remoteStaffNumber: {}, month: MAY, year: 2026, \
             document: {{base64: \"{}\", name: \"../may.pdf\"}}}}) \
             {{ payslip {{ number }} errors {{ code field message }} }}",
            self.person,
            BASE64_STANDARD.encode(content)
        )
    }

    /// All deliveries of the hub, newest first.
    async fn deliveries(&self) -> Vec<Value> {
        let query = "{ deliveries { nodes { number kind status idempotencyKey lastError nextAttemptAt deliveredAt \
            tenant { number } payrollEntry { number } payslip { number } attempts { tookMs statusCode error } } } }";
        self.admin.query(query).await.data("deliveries.nodes").as_array().expect("a list").clone()
    }

    async fn statuses(&self) -> Vec<String> {
        let deliveries = self.deliveries().await;
        deliveries.iter().map(|row| row["status"].as_str().expect("a status").to_owned()).collect()
    }

    /// Net salaries at the subsidiary.
    async fn received(&self) -> Vec<i64> {
        let answer = self.there.query("{ payrollEntries { nodes { netSalary { amountMinor } } } }").await;
        let rows = answer.data("payrollEntries.nodes").as_array().expect("a list").clone();
        rows.iter().map(|row| row["netSalary"]["amountMinor"].as_i64().expect("an amount")).collect()
    }

    /// How often the subsidiary has written something down.
    async fn applied(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM activity_log WHERE description LIKE '%payroll entry%' OR description LIKE '%payslip%'";
        self.subsidiary.app.count(sql).await
    }
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no instant: {value}"))
}

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

/// What a signed link leads to: status and body.
async fn fetch(app: &TestApp, url: &str) -> (u16, Vec<u8>) {
    let path = &url[url.find("/files/").expect("a link to a file")..];
    let request = Request::get(path).body(axum::body::Body::empty()).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec())
}

impl Group {
    async fn slips(&self, who: &Actor) -> Answer {
        who.query("{ payslips { nodes { number fileName url isSynced syncedAt month year delivery { status } } } }")
            .await
    }
}

#[tokio::test]
async fn a_payslip_is_kept_here_and_linked_there() {
    let group = Group::start().await;
    let slip = group.slip(PDF).await;
    let row = group.slips(&group.admin).await.data("payslips.nodes.0").clone();
    assert_eq!((&row["isSynced"], &row["fileName"]), (&json!(false), &json!("may.pdf")));
    group.hub.deliver().await;
    let row = group.slips(&group.admin).await.data("payslips.nodes.0").clone();
    assert_eq!((&row["isSynced"], &row["delivery"]["status"]), (&json!(true), &json!("DELIVERED")));
    let there = group.slips(&group.there).await;
    assert_eq!(there.text("payslips.nodes.0.fileName"), "may.pdf");
    let link = there.text("payslips.nodes.0.url");
    assert_eq!(fetch(&group.hub, &link).await, (200, PDF.to_vec()));
    group.hub.pass(TimeDelta::days(29));
    assert_eq!(fetch(&group.hub, &link).await.0, 200);
    // Another one of the same month replaces it, here and there; the old link dies.
    let other = [PDF, b"% corrected"].concat();
    assert_eq!(group.slip(&other).await, slip);
    assert_eq!(fetch(&group.hub, &link).await.0, 404);
    assert_eq!(group.slips(&group.admin).await.data("payslips.nodes.0.isSynced"), &json!(false));
    group.hub.deliver().await;
    let link = group.slips(&group.there).await.text("payslips.nodes.0.url");
    assert_eq!(fetch(&group.hub, &link).await, (200, other));
    assert_eq!(group.hub.count("SELECT COUNT(*) FROM file").await, 1);
    group.hub.pass(TimeDelta::days(31));
    assert_eq!(fetch(&group.hub, &link).await.0, 404);
}

#[tokio::test]
async fn a_payslip_is_a_pdf_by_its_content() {
    let group = Group::start().await;
    let wrong = |content: &[u8]| group.slip_mutation(content).split(" { payslip").next().expect("a call").to_owned();
    for (content, code) in [
        (&b"no document"[..], "UNSUPPORTED_MEDIA_TYPE"),
        (b"MZ\x90\0\x03", "UNSUPPORTED_MEDIA_TYPE"),
        (b"<html>%PDF-", "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        assert_eq!(group.admin.failures(&wrong(content)).await, [(code.to_owned(), "document".to_owned())]);
    }
    let large = TestApp::builder().set("server.max_body_bytes", "20000000").set("graphql.max_cost", "1000000");
    let large = large.start().await;
    let admin = large.administrator().await;
    large.insert("source", json!({
        "name": "Own", "mode": "LOCAL", "timeout_ms": 1000, "max_answer_bytes": 1000, "max_concurrency": 1, "cache_seconds": 0,
    }))
    .await;
    let query =
        "mutation($input: StorePayslipInput!) { storePayslip(input: $input) { errors { code field message } } }";
    for (size, expected) in [(10_000_000, vec![]), (10_000_001, vec![("TOO_LARGE".to_owned(), "document".to_owned())])]
    {
        let mut content = PDF.to_vec();
        content.resize(size, b' ');
        let input = json!({
            "tenant": { "number": HEAD_OFFICE }, "remoteStaffNumber": admin.number, "month": "MAY", "year": 2026,
            "document": { "base64": BASE64_STANDARD.encode(content) },
        });
        let answer = admin.query_with(query, json!({ "input": input })).await;
        assert_eq!(answer.errors("storePayslip"), expected, "{size}");
    }
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
