//! A hub and a subsidiary with one person, between whom pay travels.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Actor, TestApp, app::DAUGHTER, source::Subsidiary};

/// The least that is a PDF by its content.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

/// A hub, and a subsidiary at which one person works.
pub struct Group {
    pub hub: TestApp,
    pub admin: Actor,
    pub subsidiary: Subsidiary,
    /// Administrator there.
    pub there: Actor,
    pub person: i64,
}

impl Group {
    pub async fn start() -> Self {
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

    pub fn input(&self, amount: &str) -> String {
        format!(
            "tenant: {{number: {DAUGHTER}}}, remoteStaffNumber: {}, month: MAY, year: 2026, \
             netSalary: {{amount: \"{amount}\", currency: \"EUR\"}}, \
             bonuses: [{{title: \"Travel\", amount: {{amountMinor: 5000}}, details: {{receipt: 7, by: \"car\"}}}}], \
             deductions: [{{title: \"Tax\", amount: {{amount: 10}}}}, {{title: \"Loan\", amount: {{amount: 1}}}}]",
            self.person
        )
    }

    /// Pushes pay; answers the entry.
    pub async fn push(&self, amount: &str) -> i64 {
        let mutation = format!(
            "pushPayroll(input: {{{}}}) {{ payrollEntry {{ number }} errors {{ code field message }} }}",
            self.input(amount)
        );
        self.admin.done(&mutation).await.number("pushPayroll.payrollEntry.number")
    }

    /// Stores a payslip; answers its number.
    pub async fn slip(&self, content: &[u8]) -> i64 {
        self.admin.done(&self.slip_mutation(content)).await.number("storePayslip.payslip.number")
    }

    pub fn slip_mutation(&self, content: &[u8]) -> String {
        format!(
            "storePayslip(input: {{tenant: {{number: {DAUGHTER}}}, remoteStaffNumber: {}, month: MAY, year: 2026, \
             document: {{base64: \"{}\", name: \"../may.pdf\"}}}}) \
             {{ payslip {{ number }} errors {{ code field message }} }}",
            self.person,
            BASE64_STANDARD.encode(content)
        )
    }

    /// All deliveries of the hub, newest first.
    pub async fn deliveries(&self) -> Vec<Value> {
        let query = "{ deliveries { nodes { number kind status idempotencyKey lastError nextAttemptAt deliveredAt \
            tenant { number } payrollEntry { number } payslip { number } attempts { tookMs statusCode error } } } }";
        self.admin.query(query).await.data("deliveries.nodes").as_array().expect("a list").clone()
    }

    pub async fn statuses(&self) -> Vec<String> {
        let deliveries = self.deliveries().await;
        deliveries.iter().map(|row| row["status"].as_str().expect("a status").to_owned()).collect()
    }

    /// Net salaries at the subsidiary.
    pub async fn received(&self) -> Vec<i64> {
        let answer = self.there.query("{ payrollEntries { nodes { netSalary { amountMinor } } } }").await;
        let rows = answer.data("payrollEntries.nodes").as_array().expect("a list").clone();
        rows.iter().map(|row| row["netSalary"]["amountMinor"].as_i64().expect("an amount")).collect()
    }

    /// How often the subsidiary has written something down.
    pub async fn applied(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM activity_log WHERE description LIKE '%payroll entry%' OR description LIKE '%payslip%'";
        self.subsidiary.app.count(sql).await
    }
}

pub fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no instant: {value}"))
}
