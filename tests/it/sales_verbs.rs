//! What people do with leads, deals, tickets, prospects, invoices and announcements.

use serde_json::json;

use crate::support::{Actor, TestApp, app::HEAD_OFFICE};

const ERRORS: &str = "errors { code field message }";

fn failure(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

#[tokio::test]
async fn a_lead_becomes_a_client_once() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let row = json!({
        "name": "Ada Obi", "given_name": "Ada", "family_name": "Obi", "company_name": "Obi Foods",
        "email": "ada@obi.example", "phone": "+2348011223344", "owner_id": admin.number,
    });
    let lead = app.insert("lead", row).await;
    let call = format!("convertLeadToClient(input: {{lead: {{number: {lead}}}}})");
    let made = admin
        .done(&format!(
            "{call} {{ lead {{ state }} client {{ name email phone owner {{ name }} \
             primaryContact {{ name email isPrimary }} }} {ERRORS} }}"
        ))
        .await;
    assert_ne!(made.text("convertLeadToClient.lead.state"), "OPEN");
    assert_eq!(
        made.data("convertLeadToClient.client"),
        &json!({ "name": "Obi Foods", "email": "ada@obi.example", "phone": "+2348011223344", "owner": { "name": "Admin" },
            "primaryContact": { "name": "Ada Obi", "email": "ada@obi.example", "isPrimary": true } })
    );
    assert_eq!(admin.failures(&call).await, failure("WRONG_STATE", "lead"));
    assert_eq!(app.count("SELECT count(*) FROM client").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM contact").await, 1);
}

/// Runs the same mutation many times at once; answers how many went through.
async fn at_once(actor: &Actor, mutation: &str, times: usize) -> usize {
    let calls = (0..times).map(|_| actor.failures(mutation));
    futures_util::future::join_all(calls).await.into_iter().filter(Vec::is_empty).count()
}

#[tokio::test]
async fn two_conversions_at_once_make_one_client() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for _ in 0..3 {
        let lead = app.insert("lead", json!({})).await;
        assert_eq!(at_once(&admin, &format!("convertLeadToClient(input: {{lead: {{number: {lead}}}}})"), 4).await, 1);
        assert_eq!(app.count(&format!("SELECT count(*) FROM client WHERE lead_id = {lead}")).await, 1);
    }
}

#[tokio::test]
async fn deals_move_within_their_pipeline_and_end_once() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let (deal, pipeline) = (world.number("Deal"), world.number("Pipeline"));
    let next = app.insert("stage", json!({ "name": "Next", "pipeline_id": pipeline, "position": 2 })).await;
    let other = app.insert("pipeline", json!({ "name": "Other" })).await;
    let elsewhere = app.insert("stage", json!({ "name": "Elsewhere", "pipeline_id": other })).await;
    let to = |stage: i64| format!("moveDeal(input: {{deal: {{number: {deal}}}, stage: {{number: {stage}}}}})");
    let moved = admin.done(&format!("{} {{ deal {{ stage {{ name }} }} {ERRORS} }}", to(next))).await;
    assert_eq!(moved.text("moveDeal.deal.stage.name"), "Next");
    assert_eq!(admin.failures(&to(elsewhere)).await, failure("INVALID", "stage"));
    assert_eq!(app.count(&format!("SELECT stage_id FROM deal WHERE id = {deal}")).await, next);
    let won = admin
        .done(&format!(
            "winDeal(input: {{deal: {{number: {deal}}}}}) {{ deal {{ status probability closedAt }} {ERRORS} }}"
        ))
        .await;
    assert_eq!(
        won.data("winDeal.deal"),
        &json!({ "status": "WON", "probability": 100, "closedAt": "2026-05-19T12:00:00Z" })
    );
    for again in [
        format!("winDeal(input: {{deal: {{number: {deal}}}}})"),
        format!("loseDeal(input: {{deal: {{number: {deal}}}, reason: \"price\"}})"),
    ] {
        assert_eq!(admin.failures(&again).await, failure("WRONG_STATE", "deal"), "{again}");
    }
    let lost = app.insert("deal", json!({ "description": "Shelves" })).await;
    let answer = admin
        .done(&format!("loseDeal(input: {{deal: {{number: {lost}}}, reason: \"Too dear\"}}) {{ deal {{ status description }} {ERRORS} }}"))
        .await;
    assert_eq!(answer.data("loseDeal.deal"), &json!({ "status": "LOST", "description": "Shelves\n\nToo dear" }));
}

#[tokio::test]
async fn tickets_are_assigned_and_closed() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &["tickets.read"]).await;
    let ticket = app.insert("ticket", json!({})).await;
    let assigned = admin
        .done(&format!("assignTicket(input: {{ticket: {{number: {ticket}}}, assignee: {{number: {}}}}}) {{ ticket {{ assignee {{ name }} }} {ERRORS} }}", rep.number))
        .await;
    assert_eq!(assigned.text("assignTicket.ticket.assignee.name"), "Rep");
    let told =
        rep.query("{ viewer { notifications { nodes { subject { __typename ... on Ticket { number } } } } } }").await;
    assert_eq!(told.data("viewer.notifications.nodes.0.subject"), &json!({ "__typename": "Ticket", "number": ticket }));
    let close = format!("closeTicket(input: {{ticket: {{number: {ticket}}}}})");
    let closed = admin.done(&format!("{close} {{ ticket {{ status closedAt }} {ERRORS} }}")).await;
    assert_eq!(closed.data("closeTicket.ticket"), &json!({ "status": "CLOSED", "closedAt": "2026-05-19T12:00:00Z" }));
    assert_eq!(admin.failures(&close).await, failure("WRONG_STATE", "ticket"));
}

#[tokio::test]
async fn prospects_are_qualified_before_they_have_deals() {
    let app = TestApp::start().await;
    let rep = app.staff("Rep", &["crm.prospects", "prospects.write", "deals.read", "deals.write"]).await;
    let prospect = app.insert("prospect", json!({ "name": "Zebra", "owner_id": rep.number })).await;
    let deal = format!("createDeal(input: {{prospect: {{number: {prospect}}}}})");
    assert_eq!(rep.failures(&deal).await, failure("WRONG_STATE", "prospect"));
    let qualified = rep
        .done(&format!(
            "qualifyProspect(input: {{prospect: {{number: {prospect}}}, qualification: {{fitScore: 80, budgetRange: \"10000-25000\"}}}}) \
             {{ prospect {{ lifecycle qualification {{ fitScore budgetRange }} }} {ERRORS} }}"
        ))
        .await;
    assert_eq!(
        qualified.data("qualifyProspect.prospect"),
        &json!({ "lifecycle": "QUALIFIED", "qualification": { "fitScore": 80, "budgetRange": "10000-25000" } })
    );
    let made = rep.done(&format!("{deal} {{ deal {{ title prospect {{ name }} }} {ERRORS} }}")).await;
    assert_eq!(made.text("createDeal.deal.prospect.name"), "Zebra");
    assert!(made.text("createDeal.deal.title").contains("Zebra"));
}

#[tokio::test]
async fn invoices_follow_their_payments() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let client = app.insert("client", json!({})).await;
    let made = admin
        .done(&format!(
            "createInvoice(input: {{client: {{number: {client}}}, lines: [{{description: \"Work\", quantity: \"2\", \
             unitPrice: {{amount: \"50.00\"}}}}]}}) {{ invoice {{ number status total {{ amount }} }} {ERRORS} }}"
        ))
        .await;
    assert_eq!(made.text("createInvoice.invoice.total.amount"), "100.00");
    let invoice = made.number("createInvoice.invoice.number");
    let pay = |amount: &str| {
        format!("recordPayment(input: {{invoice: {{number: {invoice}}}, amount: {{amount: \"{amount}\"}}}})")
    };
    let part = admin
        .done(&format!("{} {{ invoice {{ status paidTotal {{ amount }} balance {{ amount }} }} {ERRORS} }}", pay("40")))
        .await;
    assert_eq!(
        part.data("recordPayment.invoice"),
        &json!({ "status": "PARTIALLY_PAID", "paidTotal": { "amount": "40.00" }, "balance": { "amount": "60.00" } })
    );
    let (code, field) = admin.failures(&pay("60.01")).await.remove(0);
    assert!(["INVALID", "WRONG_STATE"].contains(&code.as_str()) && field == "amount", "{code} {field}");
    assert_eq!(admin.failures(&pay("0")).await, failure("INVALID", "amount"));
    // Four pay 30 at once where 60 are owed.
    assert_eq!(at_once(&admin, &pay("30"), 4).await, 2);
    assert_eq!(app.count("SELECT count(*) FROM payment").await, 3);
    let after =
        admin.query(&format!("{{ invoice(by: {{number: {invoice}}}) {{ status balance {{ amount }} }} }}")).await;
    assert_eq!(after.data("invoice"), &json!({ "status": "PAID", "balance": { "amount": "0.00" } }));
}

#[tokio::test]
async fn announcements_are_published_once() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &[]).await;
    let made = admin
        .done(&format!("createAnnouncement(input: {{title: \"News\", bodyHtml: \"<p>Hello<script>x</script></p>\"}}) {{ announcement {{ number isPublished bodyHtml }} {ERRORS} }}"))
        .await;
    assert_eq!(made.data("createAnnouncement.announcement.isPublished"), &json!(false));
    assert!(!made.text("createAnnouncement.announcement.bodyHtml").contains("script"));
    let number = made.number("createAnnouncement.announcement.number");
    assert_eq!(rep.query("{ announcements { totalCount } }").await.number("announcements.totalCount"), 0);
    let publish = format!("publishAnnouncement(input: {{announcement: {{number: {number}}}}})");
    let done = admin.done(&format!("{publish} {{ announcement {{ publishedAt }} {ERRORS} }}")).await;
    assert_eq!(done.text("publishAnnouncement.announcement.publishedAt"), "2026-05-19T12:00:00Z");
    assert_eq!(rep.query("{ announcements { totalCount } }").await.number("announcements.totalCount"), 1);
    assert_eq!(admin.failures(&publish).await, failure("WRONG_STATE", "announcement"));
}
