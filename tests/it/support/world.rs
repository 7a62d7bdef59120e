//! One row of every type in a company, linked with one another.

use std::collections::BTreeMap;

use groupgraph_schema::catalog::catalog;
use serde_json::{Value, json};

use super::app::TestApp;

/// Numbers of the rows of one company, by GraphQL type.
pub struct World(BTreeMap<&'static str, i64>);

impl World {
    pub fn number(&self, of: &str) -> i64 {
        self.0[of]
    }

    /// Type and number of each row.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.0.iter().map(|(of, number)| (*of, *number))
    }
}

/// Puts rows in and keeps their numbers.
struct Maker<'a> {
    app: &'a TestApp,
    company: i64,
    made: BTreeMap<&'static str, i64>,
}

impl Maker<'_> {
    async fn add(&mut self, of: &'static str, table: &str, mut row: Value) -> i64 {
        let has_company = groupgraph_entities::tables()
            .iter()
            .any(|found| found.name == table && found.columns.iter().any(|column| column.name == "tenant_id"));
        if has_company {
            row["tenant_id"] = self.company.into();
        }
        let number = self.app.insert(table, row).await;
        self.made.insert(of, number);
        number
    }

    fn get(&self, of: &str) -> i64 {
        self.made[of]
    }
}

impl TestApp {
    /// Fills a company. Leads are public; the prospect, the notification and the reminder are those of `owner`.
    pub async fn world(&self, company: i64, owner: i64) -> World {
        let mut maker = Maker { app: self, company, made: BTreeMap::from([("Tenant", company), ("Staff", owner)]) };
        settings(&mut maker, owner).await;
        sales(&mut maker, owner).await;
        clients(&mut maker, owner).await;
        ledger(&mut maker, owner).await;
        office(&mut maker, owner).await;
        outbox(&mut maker).await;
        imports(&mut maker).await;
        reports(&mut maker, owner).await;
        records(&mut maker).await;
        World(maker.made)
    }
}

async fn settings(maker: &mut Maker<'_>, owner: i64) {
    maker.add("Role", "role", json!({ "name": "A role" })).await;
    maker.add("Position", "position", json!({ "name": "A position" })).await;
    let department = maker.add("Department", "department", json!({})).await;
    let team = maker.add("Team", "team", json!({ "name": "A team" })).await;
    maker.app.insert("team_member", json!({ "team_id": team, "staff_id": owner })).await;
    maker.app.insert("staff_department", json!({ "staff_id": owner, "department_id": department })).await;
    let mapping = json!({ "staff_id": owner, "remote_staff_number": 7 });
    maker.add("StaffMapping", "staff_mapping", mapping).await;
    maker.add("LeadStatus", "lead_status", json!({})).await;
    maker.add("LeadSource", "lead_source", json!({})).await;
    let pipeline = maker.add("Pipeline", "pipeline", json!({ "name": "A pipeline" })).await;
    maker.add("Stage", "stage", json!({ "name": "A stage", "pipeline_id": pipeline })).await;
    maker.add("FollowUpCategory", "follow_up_category", json!({})).await;
    maker.add("Country", "country", json!({ "name": "A country" })).await;
    let category = maker.add("LookupCategory", "lookup_category", json!({})).await;
    maker.add("LookupValue", "lookup_value", json!({ "category_id": category })).await;
    maker.add("CustomField", "custom_field", json!({ "name": "A field", "kind": "TEXT", "subject": "LEAD" })).await;
}

async fn sales(maker: &mut Maker<'_>, owner: i64) {
    let lead = json!({ "owner_id": owner, "status_id": maker.get("LeadStatus"), "email": "lead@example.com" });
    let lead = maker.add("Lead", "lead", lead).await;
    maker.add("Reminder", "reminder", json!({ "lead_id": lead, "staff_id": owner })).await;
    maker.add("File", "file", json!({ "lead_id": lead })).await;
    maker.add("Prospect", "prospect", json!({ "owner_id": owner })).await;
}

async fn clients(maker: &mut Maker<'_>, owner: i64) {
    let client = maker.add("Client", "client", json!({ "owner_id": owner })).await;
    maker.add("ClientUser", "client_user", json!({ "client_id": client, "name": "A user" })).await;
    maker.add("BankAccount", "bank_account", json!({ "client_id": client })).await;
    maker.add("Contact", "contact", json!({ "client_id": client })).await;
    maker.add("Location", "location", json!({ "client_id": client, "name": "A place", "kind": "OFFICE" })).await;
    maker.add("Note", "note", json!({ "client_id": client })).await;
    let subscription = json!({ "client_id": client, "billing_day": 1, "start_on": "2026-01-01" });
    let subscription = maker.add("ClientSubscription", "client_subscription", subscription).await;
    let reference = format!("wf-{}", maker.company);
    let item = json!({
        "reference": reference, "kind": "ADD_SUBSCRIPTION", "subscription_id": subscription, "billing_day": 1,
        "payer_name": "A client", "due_on": "2026-06-01",
    });
    maker.add("WorkflowItem", "workflow_item", item).await;
    let batch =
        json!({ "unit_id": maker.get("LookupValue"), "run_on": "2026-05-01", "submitted_at": "2026-05-01T00:00:00Z" });
    maker.add("DebitBatch", "debit_batch", batch).await;
    let phone = format!("+23480112233{}", maker.company);
    maker.add("OptOut", "opt_out", json!({ "channel": "SMS", "phone": phone, "flagged_on": "2026-01-01" })).await;
    let deal = json!({
        "owner_id": owner, "client_id": client, "pipeline_id": maker.get("Pipeline"), "stage_id": maker.get("Stage"),
        "value_minor": 100, "value_currency": "EUR",
    });
    maker.add("Deal", "deal", deal).await;
    maker.add("Ticket", "ticket", json!({ "client_id": client, "assignee_id": owner })).await;
}

async fn ledger(maker: &mut Maker<'_>, owner: i64) {
    let category = maker.add("ProductCategory", "product_category", json!({ "name": "Goods" })).await;
    let product = maker.add("Product", "product", json!({ "category_id": category })).await;
    maker.add("Variant", "variant", json!({ "product_id": product, "is_default": true })).await;
    maker.add("PriceList", "price_list", json!({ "name": "Prices", "currency": "EUR" })).await;
    let invoice = json!({ "client_id": maker.get("Client"), "owner_id": owner, "total_minor": 100 });
    let invoice = maker.add("Invoice", "invoice", invoice).await;
    maker.add("Payment", "payment", json!({ "invoice_id": invoice })).await;
}

async fn office(maker: &mut Maker<'_>, owner: i64) {
    let task = maker.add("Task", "task", json!({ "created_by_id": owner })).await;
    maker.app.insert("task_assignee", json!({ "task_id": task, "staff_id": owner })).await;
    let published = json!({ "is_published": true, "published_at": "2026-05-01T00:00:00Z" });
    maker.add("Announcement", "announcement", published).await;
    maker.add("Notification", "notification", json!({ "recipient_id": owner })).await;
    let goal = json!({
        "staff_id": owner, "subject": "Sell", "measure": "WON_DEALS", "start_on": "2026-01-01", "end_on": "2026-12-31",
        "target": 10,
    });
    maker.add("Goal", "goal", goal).await;
    maker.add("ActivityLog", "activity_log", json!({ "staff_id": owner })).await;
    let source = json!({
        "name": "A source", "mode": "LOCAL", "timeout_ms": 1000, "max_answer_bytes": 1000, "max_concurrency": 1,
        "cache_seconds": 0,
    });
    maker.add("Source", "source", source).await;
    maker.add("AccessToken", "access_token", json!({ "kind": "PERSONAL", "name": "A token", "staff_id": owner })).await;
}

async fn outbox(maker: &mut Maker<'_>) {
    let month = json!({ "remote_staff_number": 7, "month": 5, "year": 2026, "net_salary_minor": 1, "net_salary_currency": "EUR" });
    let entry = maker.add("PayrollEntry", "payroll_entry", month).await;
    let payslip = json!({
        "remote_staff_number": 7, "month": 5, "year": 2026, "file_name": "may.pdf", "link": "https://hub.example/files/x",
    });
    maker.add("Payslip", "payslip", payslip).await;
    maker.add("Webhook", "webhook", json!({})).await;
    maker.add("Delivery", "delivery", json!({ "kind": "PAYROLL", "payroll_entry_id": entry })).await;
}

async fn imports(maker: &mut Maker<'_>) {
    let batch = json!({ "fingerprint": "x", "provider": "apollo", "total_count": 1 });
    maker.add("ImportBatch", "import_batch", batch).await;
    let failure = json!({ "level": "ERROR", "message": "It failed", "about_code": "INVALID", "occurred_at": "2026-05-01T00:00:00Z" });
    maker.add("ErrorLog", "error_log", failure).await;
}

async fn reports(maker: &mut Maker<'_>, owner: i64) {
    let report = json!({ "title": "A report", "body": "Text", "occurred_on": "2026-05-01", "reported_id": owner, "filed_by_id": owner, "is_anonymous": false });
    maker.add("WhistleReport", "whistle_report", report).await;
    let request = json!({ "phone": "+2348011223344", "requester_id": owner });
    maker.add("CallRecordRequest", "call_record_request", request).await;
    let wallet = json!({ "staff_id": owner, "balance_minor": 100, "currency": "EUR" });
    let wallet = maker.add("Wallet", "wallet", wallet).await;
    let entry = json!({ "wallet_id": wallet, "amount_minor": 100, "currency": "EUR", "reason": "Paid in" });
    maker.add("WalletEntry", "wallet_entry", entry).await;
    maker
        .add(
            "AccessAudit",
            "access_audit",
            json!({ "staff_id": owner, "subject": "IDENTITY", "occurred_at": "2026-05-01T00:00:00Z" }),
        )
        .await;
}

/// A record of each resource of the catalogue; those that are the hub's own rows are rows already.
async fn records(maker: &mut Maker<'_>) {
    for (place, resource) in catalog().resources.iter().enumerate() {
        let of = resource.type_name();
        let known = match resource.storage().0 {
            "record" => {
                let object_id = format!("{:04x}{place:020x}", maker.company);
                maker.add(of, "record", json!({ "kind": resource.name, "object_id": object_id, "body": {} })).await
            }
            "client" => maker.get("Client"),
            "product" => maker.get("Product"),
            "product_category" => maker.get("ProductCategory"),
            "invoice" => maker.get("Invoice"),
            "payment" => maker.get("Payment"),
            "staff" => maker.get("Staff"),
            "team" => maker.get("Team"),
            _ => {
                let ticket = maker.get("Ticket");
                maker.app.execute(&format!("UPDATE ticket SET kind = 'FIELD_JOB' WHERE id = {ticket}")).await;
                ticket
            }
        };
        maker.made.insert(of, known);
    }
}
