//! Rows that two interfaces know by different names: what one writes the other shows, by the rules of the noun either
//! way, with one count of changes.

use http::Method;
use serde_json::{Value, json};

use crate::{
    rest::cases::{Answer, Call, send},
    support::{Actor, TestApp},
};

async fn repzo(app: &TestApp, actor: &Actor, method: Method, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = format!("/api/repzo{path}");
    send(app, Call { method, path, token: actor.token.as_deref(), body, ..Call::default() }).await
}

/// Number of the row behind a record id.
fn number(id: &str) -> i64 {
    id[6..].parse().expect("a record id of a row of the hub's own")
}

/// Creates a record; its id.
async fn created(app: &TestApp, actor: &Actor, path: &str, body: Value) -> String {
    let answer = repzo(app, actor, Method::POST, path, body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    let id = answer.json["_id"].as_str().or(answer.json["data"]["_id"].as_str());
    id.unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// A record as the apps see it.
async fn shown(app: &TestApp, actor: &Actor, path: &str) -> Value {
    let answer = repzo(app, actor, Method::GET, path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    if answer.json["data"].is_object() { answer.json["data"].clone() } else { answer.json }
}

/// Path, body, what the graph shows, a change by its own mutation, and what the app then sees.
type Written = (&'static str, Value, (&'static str, Value), &'static str, Value);

fn written(category: &str, client: &str, rep: &str) -> [Written; 8] {
    [
        (
            "/product",
            json!({ "name": "Cone", "category": category, "sku": "S-1", "rsp": 2.5, "local_description": "Mazugi" }),
            ("product", json!({ "name": "Cone", "sku": "S-1", "recommendedPrice": { "amount": "2.50" } })),
            "updateProduct(input: { product: { number: # }, name: \"Big cone\" }) { errors { code } }",
            json!({ "name": "Big cone", "rsp": 2.5, "local_description": "Mazugi" }),
        ),
        (
            "/client",
            json!({ "name": "Kiosk", "price_tag": "A", "credit_limit": 12.5, "disabled": true }),
            ("client", json!({ "name": "Kiosk", "isActive": false, "creditLimit": { "amount": "12.50" } })),
            "updateClient(input: { client: { number: # }, name: \"Shop\", isActive: true }) { errors { code } }",
            json!({ "name": "Shop", "disabled": false, "price_tag": "A" }),
        ),
        (
            "/product-category",
            json!({ "name": "Milk", "icon": "cow" }),
            ("productCategory", json!({ "name": "Milk", "isActive": true })),
            "saveProductCategory(input: { category: { number: # }, name: \"Dairy\" }) { errors { code } }",
            json!({ "name": "Dairy", "icon": "cow" }),
        ),
        (
            "/teams",
            json!({ "name": "North" }),
            ("team", json!({ "name": "North", "isActive": true })),
            "saveTeam(input: { team: { number: # }, name: \"South\" }) { errors { code } }",
            json!({ "name": "South", "disabled": false }),
        ),
        (
            "/rep",
            json!({ "name": "Emeka Obi", "email": "e@x.example", "role": "rep", "password": "a long secret", "company_namespace": ["head-office"] }),
            ("staffMember", json!({ "name": "Emeka Obi", "givenName": null, "email": "e@x.example" })),
            "updateStaff(input: { staff: { number: # }, givenName: \"Emeka\", familyName: \"Okafor\" }) { errors { code } }",
            json!({ "name": "Emeka Okafor", "role": "rep", "disabled": false }),
        ),
        (
            "/workorder",
            json!({ "title": "Repair", "priority": "urgent", "status": "in_progress", "client": client, "assignedTo": rep }),
            (
                "ticket",
                json!({ "kind": "FIELD_JOB", "subject": "Repair", "priority": "URGENT", "status": "IN_PROGRESS", "client": { "name": "Corner shop" } }),
            ),
            "closeTicket(input: { ticket: { number: # } }) { errors { code } }",
            json!({ "title": "Repair", "status": "closed", "priority": "urgent" }),
        ),
        (
            "/fullinvoices",
            json!({ "serial": "S-7", "client": client, "rep": rep, "total": 100, "dueDate": "2026-07-01T10:00:00.000Z", "items": [{ "sku": "x" }] }),
            (
                "invoice",
                json!({ "documentNumber": "S-7", "status": "UNPAID", "clientName": "Corner shop", "balance": { "amount": "100.00" }, "dueOn": "2026-07-01" }),
            ),
            "recordPayment(input: { invoice: { number: # }, amount: { amountMinor: 4000 } }) { errors { code message } }",
            json!({ "serial": "S-7", "status": "partially_paid", "total": 100, "items": [{ "sku": "x" }], "dueDate": "2026-07-01T10:00:00.000Z" }),
        ),
        (
            "/payments",
            json!({ "client": client, "rep": rep, "amount": 30, "paymentMethod": "cash", "date": "2026-05-18T09:30:00.000Z" }),
            (
                "payment",
                json!({ "amount": { "amount": "30.00" }, "status": "SETTLED", "method": "cash", "paidOn": "2026-05-18", "receivedBy": { "name": "Ngozi" } }),
            ),
            "updatePayment(input: { payment: { number: # }, reference: \"R-1\" }) { errors { code } }",
            json!({ "amount": 30, "reference": "R-1", "date": "2026-05-18T09:30:00.000Z" }),
        ),
    ]
}

#[tokio::test]
async fn what_an_app_writes_the_graph_shows_and_the_other_way() {
    let app = TestApp::start().await;
    let actor = app.administrator().await;
    let category = created(&app, &actor, "/product-category", json!({ "name": "Ice", "position": 3 })).await;
    let client = created(&app, &actor, "/client", json!({ "name": "Corner shop", "client_code": "C-9" })).await;
    let rep = json!({ "name": "Ngozi", "email": "n@x.example", "role": "rep", "password": "a long secret", "company_namespace": ["head-office"] });
    let rep = created(&app, &actor, "/rep", rep).await;
    for (path, body, field, change, back) in written(&category, &client, &rep) {
        let id = created(&app, &actor, path, body).await;
        let (root, expected) = field;
        let selection = selection(&expected);
        let query = format!("{{ {root}(by: {{ number: {} }}) {selection} }}", number(&id));
        assert_eq!(*actor.query(&query).await.data(root), expected, "{path}");
        let before = shown(&app, &actor, &format!("{path}/{id}")).await;
        actor.done(&change.replace('#', &number(&id).to_string())).await;
        let after = shown(&app, &actor, &format!("{path}/{id}")).await;
        for (name, value) in back.as_object().expect("an object") {
            assert_eq!(after[name], *value, "{path}: {name} of {after}");
        }
        if before["__v"].is_number() {
            assert!(after["__v"].as_i64() > before["__v"].as_i64(), "{path}: {before} {after}");
        }
    }
}

/// The selection that an expected object answers.
fn selection(expected: &Value) -> String {
    let members = expected
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| if value.is_object() { format!("{name} {}", selection(value)) } else { name.clone() });
    format!("{{ {} }}", members.collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn havosoft_and_repzo_see_the_same_clients() {
    let app = TestApp::start().await;
    let actor = app.administrator().await;
    let body = json!({ "name": "Kiosk", "assigned_to": [] });
    let id = created(&app, &actor, "/client", body).await;
    app.execute(&format!("UPDATE client SET owner_id = {} WHERE id = {}", actor.number, number(&id))).await;
    let call = Call { path: "/api/sales/clients".into(), token: actor.token.as_deref(), ..Call::default() };
    let list = send(&app, call).await;
    assert!(list.text.contains("Kiosk"), "{}", list.text);

    let country = app.insert("country", json!({ "name": "Nigeria", "code": "NG", "calling_code": "234" })).await;
    let body = json!({
        "firstname": "Dave", "lastname": "Peters", "country": country, "phonenumber": "+2348011223344",
        "company": "Dave Retail Ltd", "email": "dave@peters.example",
    });
    let (method, path, token) = (Method::POST, "/api/sales/clients".to_owned(), actor.token.as_deref());
    let made = send(&app, Call { method, path, token, body: body.to_string(), ..Call::default() }).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let found = repzo(&app, &actor, Method::GET, "/client?search=Dave%20Retail", Value::Null).await;
    assert!(found.text.contains("\"name\":\"Dave Retail Ltd\""), "{}", found.text);
}

/// Rights to records are not rights to the invoices among them.
#[tokio::test]
async fn invoices_are_for_those_who_may_read_them() {
    let app = TestApp::start().await;
    let owner = app.administrator().await;
    let client = created(&app, &owner, "/client", json!({ "name": "Kiosk" })).await;
    let invoice = created(&app, &owner, "/fullinvoices", json!({ "client": client, "total": 50 })).await;
    let keeper = app.staff("Keeper", &["records.read", "records.write"]).await;
    let summary = format!("/rep-balance-summary?rep=c00006{:018}", owner.number);
    for (who, converted, summed) in [(&keeper, 400, 403), (&owner, 200, 200)] {
        let body = json!({ "documentType": "invoice", "documentId": invoice });
        let answer = repzo(&app, who, Method::POST, "/quick-convert-to-pdf", body).await;
        assert_eq!(answer.status, converted, "{}", answer.text);
        let answer = repzo(&app, who, Method::GET, &summary, Value::Null).await;
        assert_eq!(answer.status, summed, "{}", answer.text);
    }
}

/// A patch is by whoever executes it: the right to records is not one to products.
#[tokio::test]
async fn a_patch_needs_the_right_to_what_it_patches() {
    let app = TestApp::start().await;
    let owner = app.administrator().await;
    let category = created(&app, &owner, "/product-category", json!({ "name": "Ice" })).await;
    let product = created(&app, &owner, "/product", json!({ "name": "Cone", "category": category })).await;
    let patch = json!({
        "name": "Rename", "targetEntity": "product", "conditions": {},
        "patches": [{ "field": "name", "operation": "set", "value": "Wafer" }],
    });
    let patch = created(&app, &owner, "/patch-action", patch).await;
    let keeper = app.staff("Keeper", &["records.read", "records.write"]).await;
    for (who, status, name) in [(&keeper, "failed", "Cone"), (&owner, "completed", "Wafer")] {
        let answer = repzo(&app, who, Method::POST, &format!("/patch-action/execute/{patch}"), Value::Null).await;
        assert_eq!((answer.status, answer.json["data"]["status"].as_str()), (200, Some(status)), "{}", answer.text);
        let executions = shown(&app, &owner, &format!("/patch-action/{patch}")).await["executionHistory"].clone();
        let last = executions.as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        assert_eq!(last.to_string().contains("products.write"), status == "failed", "{last}");
        assert_eq!(shown(&app, &owner, &format!("/product/{product}")).await["name"], *name);
    }
}

#[tokio::test]
async fn the_rules_of_the_nouns_hold_for_apps_too() {
    let app = TestApp::start().await;
    let actor = app.administrator().await;
    let client = created(&app, &actor, "/client", json!({ "name": "Above" })).await;
    let below = created(&app, &actor, "/client", json!({ "name": "Below", "parent_client_id": client })).await;
    let invoice = created(&app, &actor, "/fullinvoices", json!({ "client": client, "total": 50 })).await;
    let serial = shown(&app, &actor, &format!("/fullinvoices/{invoice}")).await["serial"].clone();
    assert_eq!(serial, "INV-000001", "the next number of the company");
    let second = created(&app, &actor, "/fullinvoices", json!({ "client": client, "total": 50 })).await;
    let pay = format!(
        "recordPayment(input: {{ invoice: {{ number: {} }}, amount: {{ amountMinor: 1000 }} }}) {{ payment {{ number }} errors {{ code message }} }}",
        number(&second)
    );
    let paid = actor.done(&pay).await.number("recordPayment.payment.number");
    let paid = format!("c00005{paid:018}");
    let person = app.staff("Clerk", &["records.read", "records.write", "staff.write"]).await;
    let me = format!("c00006{:018}", person.number);
    let boss = format!("c00006{:018}", actor.number);
    for (who, method, path, body, status, says) in [
        (&actor, Method::PUT, format!("/client/{client}"), json!({ "parent_client_id": below }), 400, "below itself"),
        (&actor, Method::DELETE, format!("/client/{client}"), Value::Null, 409, "invoices"),
        (&actor, Method::PUT, format!("/fullinvoices/{invoice}"), json!({ "status": "paid" }), 400, "payments"),
        (&actor, Method::PUT, format!("/fullinvoices/{invoice}"), json!({ "total": -1 }), 400, "zero or more"),
        (&actor, Method::PUT, format!("/fullinvoices/{second}"), json!({ "total": 60 }), 409, "Something was paid"),
        (&actor, Method::POST, "/fullinvoices".into(), json!({ "serial": serial }), 409, "number"),
        (&actor, Method::POST, "/payments".into(), json!({ "client": client, "amount": 0 }), 400, "greater than zero"),
        (&actor, Method::PUT, format!("/payments/{paid}"), json!({ "amount": 11 }), 409, "pays invoices"),
        (&person, Method::DELETE, format!("/rep/{me}"), Value::Null, 403, "right"),
        (&person, Method::PUT, format!("/rep/{boss}"), json!({ "name": "Nobody" }), 403, "right"),
        (&person, Method::POST, "/client".into(), json!({ "name": "x" }), 403, "right"),
    ] {
        let answer = repzo(&app, who, method.clone(), &path, body.clone()).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text);
        assert!(answer.text.contains(says), "{method} {path} {body}: {}", answer.text);
    }
    // 50 and 50 billed, 10 paid for the second; then 20 on account by the app.
    created(&app, &actor, "/payments", json!({ "client": client, "amount": 20 })).await;
    let query = format!("{{ client(by: {{ number: {} }}) {{ balance {{ amount }} }} }}", number(&client));
    assert_eq!(actor.query(&query).await.text("client.balance.amount"), "70.00");
    // An invoice that moves to another client takes its debt along.
    let moved = repzo(&app, &actor, Method::PUT, &format!("/fullinvoices/{invoice}"), json!({ "client": below })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    assert_eq!(actor.query(&query).await.text("client.balance.amount"), "20.00");
}

#[tokio::test]
async fn changes_are_logged_told_and_counted_once() {
    let app = TestApp::start().await;
    let actor = app.administrator().await;
    let id = created(&app, &actor, "/client", json!({ "name": "Kiosk" })).await;
    let log = actor.query("{ activityLogs { nodes { description } } }").await;
    let lines = log.texts("activityLogs.nodes", "description");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("Created client"), "{lines:?}");
    let seen = shown(&app, &actor, &format!("/client/{id}")).await["__v"].as_i64().expect("a count");
    let by_app = |revision: i64| {
        format!(
            "updateRepzoClient(input: {{ recordId: \"{id}\", revision: {revision}, changes: {{ price_tag: \"B\" }} }})"
        )
    };
    // Somebody else changes it by another door meanwhile.
    let rename = format!("updateClient(input: {{ client: {{ number: {} }}, name: \"Shop\" }})", number(&id));
    assert_eq!(actor.failures(&rename).await, []);
    assert_eq!(actor.failures(&by_app(seen)).await, [("CONFLICT".to_owned(), "revision".to_owned())]);
    let now = actor.query(&format!("{{ repzoClient(recordId: \"{id}\") {{ revision }} }}")).await;
    let now = now.number("repzoClient.revision");
    assert_eq!(actor.failures(&by_app(now)).await, []);
    assert_eq!(actor.failures(&by_app(now)).await, [("CONFLICT".to_owned(), "revision".to_owned())]);
}
