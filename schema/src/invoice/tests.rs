//! Invoices and payments through the schema, on a memory database.

use serde_json::{Value, json};

use crate::fixture::Fixture;

const INVOICE: &str = "invoice { number documentNumber status clientName total { amountMinor } paidTotal { amountMinor } \
    balance { amountMinor } client { balance { amountMinor } } lines { description quantity total { amountMinor } } }";

async fn client(fixture: &Fixture, name: &str) -> i64 {
    let input = format!("{{ name: \"{name}\" }}");
    fixture.done("createClient", &input, "client { number }").await["client"]["number"].as_i64().expect("a number")
}

async fn invoice(fixture: &Fixture, client: i64, more: &str) -> Value {
    let input = format!(
        "{{ client: {{ number: {client} }}, {more} lines: [{{ description: \"Delivery\", quantity: \"1.5\", \
         unitPrice: {{ amount: \"10.01\" }}, tax: {{ amountMinor: 75 }} }}] }}"
    );
    fixture.done("createInvoice", &input, INVOICE).await["invoice"].take()
}

fn number(row: &Value) -> i64 {
    row["number"].as_i64().expect("a number")
}

#[tokio::test]
async fn an_invoice_adds_up_and_is_numbered() {
    let fixture = Fixture::new().await;
    let client = client(&fixture, "Kano Mills").await;
    let first = invoice(&fixture, client, "").await;
    // 1.5 times 10.01 is 15.015, which is halfway: the even cent is 15.02.
    assert_eq!(first["total"]["amountMinor"], 1502 + 75);
    assert_eq!(first["status"], "UNPAID");
    assert_eq!(first["documentNumber"], "INV-000001");
    assert_eq!(first["clientName"], "Kano Mills");
    assert_eq!(first["client"]["balance"]["amountMinor"], 1577);
    let second = invoice(&fixture, client, "dueOn: \"2026-05-18\", documentNumber: \"INV-000041\",").await;
    assert_eq!(second["status"], "OVERDUE");
    let third = invoice(&fixture, client, "isDraft: true,").await;
    assert_eq!((&third["documentNumber"], &third["status"]), (&json!("INV-000042"), &json!("DRAFT")));
    assert_eq!(third["client"]["balance"]["amountMinor"], 2 * 1577);
    let taken = format!(
        "{{ client: {{ number: {client} }}, documentNumber: \"INV-000041\", lines: [{{ description: \"x\", quantity: 1, unitPrice: {{ amount: 1 }} }}] }}"
    );
    assert_eq!(fixture.refused("createInvoice", &taken).await, ("CONFLICT".into(), "documentNumber".into()));
}

#[tokio::test]
async fn the_status_follows_payments() {
    let fixture = Fixture::new().await;
    let client = client(&fixture, "Kano Mills").await;
    let row = invoice(&fixture, client, "").await;
    let of = format!("invoice: {{ number: {} }}", number(&row));
    let pay = |minor: i64| format!("{{ {of}, amount: {{ amountMinor: {minor} }} }}");
    let selection = format!("payment {{ number status paidOn }} {INVOICE}");
    let paid = fixture.done("recordPayment", &pay(577), &selection).await;
    assert_eq!(paid["invoice"]["status"], "PARTIALLY_PAID");
    assert_eq!(paid["invoice"]["balance"]["amountMinor"], 1000);
    assert_eq!(paid["invoice"]["client"]["balance"]["amountMinor"], 1000);
    assert_eq!(paid["payment"]["paidOn"], "2026-05-19");
    assert_eq!(fixture.refused("recordPayment", &pay(1001)).await, ("INVALID".into(), "amount".into()));
    assert_eq!(fixture.refused("recordPayment", &pay(0)).await, ("INVALID".into(), "amount".into()));
    let dollars = format!("{{ {of}, amount: {{ amount: 1, currency: \"USD\" }} }}");
    assert_eq!(fixture.refused("recordPayment", &dollars).await, ("INVALID".into(), "amount".into()));
    let all = fixture.done("recordPayment", &pay(1000), &selection).await;
    assert_eq!(all["invoice"]["status"], "PAID");
    assert_eq!(fixture.refused("cancelInvoice", &format!("{{ {of} }}")).await.0, "WRONG_STATE");
    assert_eq!(
        fixture.refused("updateInvoice", &format!("{{ {of}, issuedOn: \"2026-01-01\" }}")).await.0,
        "WRONG_STATE"
    );
    fixture.done("updateInvoice", &format!("{{ {of}, dueOn: \"2026-01-01\", attributes: {{ a: 1 }} }}"), INVOICE).await;
    let back = format!("{{ payment: {{ number: {} }} }}", number(&all["payment"]));
    fixture.done("deletePayment", &back, "deletedId").await;
    let query = format!(
        "{{ invoice(by: {{ number: {} }}) {{ status balance {{ amountMinor }} client {{ balance {{ amountMinor }} }} }} }}",
        number(&row)
    );
    let after = fixture.run(&query).await;
    assert_eq!(
        after["invoice"],
        json!({ "status": "PARTIALLY_PAID", "balance": { "amountMinor": 1000 }, "client": { "balance": { "amountMinor": 1000 } } })
    );
}

#[tokio::test]
async fn one_payment_pays_several_invoices_of_one_client() {
    let fixture = Fixture::new().await;
    let client_number = client(&fixture, "Kano Mills").await;
    let (one, two) = (invoice(&fixture, client_number, "").await, invoice(&fixture, client_number, "").await);
    let other = invoice(&fixture, client(&fixture, "Jos Foods").await, "").await;
    let part = |row: &Value, minor: i64| {
        format!("{{ invoice: {{ number: {} }}, amount: {{ amountMinor: {minor} }} }}", number(row))
    };
    let pay = |parts: &[String], minor: i64| {
        format!("{{ allocations: [{}], amount: {{ amountMinor: {minor} }} }}", parts.join(", "))
    };
    let refused = pay(&[part(&one, 1577), part(&two, 1)], 1577);
    assert_eq!(fixture.refused("recordPayment", &refused).await, ("INVALID".into(), "allocations".into()));
    let refused = pay(&[part(&one, 1), part(&other, 1)], 2);
    assert_eq!(fixture.refused("recordPayment", &refused).await, ("INVALID".into(), "allocations".into()));
    let refused = pay(&[part(&one, 1), part(&two, 1578)], 2000);
    assert_eq!(fixture.refused("recordPayment", &refused).await, ("INVALID".into(), "allocations.1.amount".into()));
    let done = pay(&[part(&one, 1577), part(&two, 23)], 2000);
    let paid = fixture.done("recordPayment", &done, INVOICE).await;
    assert_eq!(paid["invoice"]["status"], "PAID");
    // What no invoice takes stands to the client's credit.
    assert_eq!(paid["invoice"]["client"]["balance"]["amountMinor"], 2 * 1577 - 2000);
    let on_account = format!("{{ client: {{ number: {client_number} }}, amount: {{ amountMinor: 54 }} }}");
    let paid = fixture
        .done("recordPayment", &on_account, "payment { client { balance { amountMinor } } } invoice { number }")
        .await;
    assert_eq!(paid["payment"]["client"]["balance"]["amountMinor"], 2 * 1577 - 2054);
    assert_eq!(paid["invoice"], Value::Null);
    let nothing = fixture.refused("recordPayment", "{ amount: { amount: 1 } }").await;
    assert_eq!(nothing, ("REQUIRED".into(), "invoice".into()));
}

#[tokio::test]
async fn only_drafts_are_deleted_and_cancelled_invoices_owe_nothing() {
    let fixture = Fixture::new().await;
    let client = client(&fixture, "Kano Mills").await;
    let (issued, draft) = (invoice(&fixture, client, "").await, invoice(&fixture, client, "isDraft: true,").await);
    let of = |row: &Value| format!("{{ invoice: {{ number: {} }} }}", number(row));
    assert_eq!(fixture.refused("deleteInvoice", &of(&issued)).await.0, "WRONG_STATE");
    let pay = format!("{{ invoice: {{ number: {} }}, amount: {{ amount: 1 }} }}", number(&draft));
    assert_eq!(fixture.refused("recordPayment", &pay).await.0, "WRONG_STATE");
    fixture.done("deleteInvoice", &of(&draft), "deletedId").await;
    let cancelled = fixture.done("cancelInvoice", &of(&issued), INVOICE).await;
    assert_eq!(cancelled["invoice"]["status"], "CANCELLED");
    assert_eq!(cancelled["invoice"]["client"]["balance"]["amountMinor"], 0);
    assert_eq!(fixture.refused("cancelInvoice", &of(&issued)).await.0, "WRONG_STATE");
    let next = invoice(&fixture, client, "").await;
    assert_eq!(next["documentNumber"], "INV-000003");
}

#[tokio::test]
async fn simultaneous_calls_neither_share_a_number_nor_overpay() {
    let fixture = Fixture::new().await;
    let client = client(&fixture, "Kano Mills").await;
    let made = futures_util::future::join_all((0..8).map(|_| invoice(&fixture, client, ""))).await;
    let mut numbers: Vec<_> = made.iter().map(|row| row["documentNumber"].to_string()).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 8);
    let pay = format!("{{ invoice: {{ number: {} }}, amount: {{ amountMinor: 1000 }} }}", number(&made[0]));
    let outcomes = futures_util::future::join_all((0..4).map(|_| fixture.refused("recordPayment", &pay))).await;
    assert_eq!(outcomes.iter().filter(|(code, _)| code == "NONE").count(), 1);
}
