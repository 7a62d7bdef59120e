//! Endpoints that are told of events, through the outbox. Signatures are verified with the published library in
//! `checks/webhooks.mjs`.

use chrono::TimeDelta;
use groupgraph_schema::webhook::tell_source_states;
use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    app::{Builder, DAUGHTER, HEAD_OFFICE},
    receiver::Receiver,
};

const ALL: &str = "LEAD_CREATED LEAD_UPDATED PROSPECT_CREATED PROSPECT_QUALIFIED DEAL_CREATED DEAL_UPDATED DEAL_WON \
    DEAL_LOST TICKET_CREATED TICKET_UPDATED INVOICE_CREATED INVOICE_PAID SOURCE_STATE_CHANGED";

fn open() -> Builder {
    TestApp::builder().set("webhooks.allow_private_addresses", "true")
}

fn register(url: &str, events: &str, more: &str) -> String {
    let events = events.split(' ').collect::<Vec<_>>().join(", ");
    format!("registerWebhook(input: {{url: \"{url}\", events: [{events}] {more}}})")
}

/// Registers an endpoint; answers its number and secret.
async fn registered(who: &Actor, url: &str, events: &str, more: &str) -> (i64, Value) {
    let mutation =
        format!("{} {{ webhook {{ number }} secret errors {{ code field message }} }}", register(url, events, more));
    let done = who.done(&mutation).await;
    (done.number("registerWebhook.webhook.number"), done.data("registerWebhook.secret").clone())
}

async fn lead(who: &Actor, name: &str) -> i64 {
    let mutation = format!(
        "createLead(input: {{familyName: \"{name}\"}}) {{ lead {{ number }} errors {{ code field message }} }}"
    );
    who.done(&mutation).await.number("createLead.lead.number")
}

/// The endpoint as its owner sees it.
async fn shown(who: &Actor) -> Value {
    let query = "{ webhooks { number url events isActive disabledAt retryAfterSeconds tenant { number } \
        deliveries { totalCount nodes { number status event lastError nextAttemptAt attempts { statusCode error } } } } }";
    who.query(query).await.data("webhooks.0").clone()
}

async fn change(who: &Actor, mutation: &str) {
    who.done(&format!("{mutation} {{ errors {{ code field message }} }}")).await;
}

#[tokio::test]
async fn an_event_is_told_signed_and_with_its_row() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let receiver = Receiver::start().await;
    let (_, secret) = registered(&admin, &receiver.url(), "LEAD_CREATED LEAD_UPDATED", "").await;
    assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_") && secret.len() == 50), "{secret}");
    let number = lead(&admin, "Obi").await;
    assert!(receiver.take().is_empty(), "stored first");
    app.deliver().await;
    let told = receiver.take();
    assert_eq!(told.len(), 1, "a row that is new has not changed as well");
    let body = told[0].json();
    assert_eq!(body["type"], "lead.created");
    assert_eq!(body["timestamp"], "2026-05-19T12:00:00.000Z");
    assert_eq!((&body["data"]["number"], &body["data"]["name"]), (&json!(number), &json!("Obi")));
    assert_eq!(body["data"]["id"], app.id("Lead", number));
    assert_eq!(body["data"]["tenant"]["number"], HEAD_OFFICE);
    assert!(told[0].header("webhook-id").starts_with("msg_"));
    assert_eq!(told[0].header("webhook-timestamp"), app.now().timestamp().to_string());
    assert!(told[0].header("webhook-signature").starts_with("v1,"));
    assert_eq!(told[0].header("content-type"), "application/json");
    let shown = shown(&admin).await;
    assert_eq!(shown["deliveries"]["nodes"][0]["status"], "DELIVERED");
    assert!(!shown.to_string().contains("whsec_"));
    // Unless it comes from the owner, who knows it.
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (_, secret) = registered(&admin, &receiver.url(), "LEAD_CREATED", &format!(", secret: \"{own}\"")).await;
    assert_eq!(secret, Value::Null);
    let kept = app.count(&format!("SELECT COUNT(*) FROM webhook WHERE secret_sealed LIKE '%{}%'", &own[6..])).await;
    assert_eq!(kept, 0, "secrets are sealed");
}

#[tokio::test]
async fn each_event_is_told_when_it_happens() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let client = world.number("Client");
    let receiver = Receiver::start().await;
    registered(&admin, &receiver.url(), ALL, "").await;
    tell_source_states(&app.hub).await.expect("the database answers");
    app.deliver().await;
    assert_eq!(receiver.types(), ["source.state_changed"]);
    let prospect = "prospect: {number: 1}";
    let deal = json!({ "owner_id": admin.number, "value_minor": 1, "value_currency": "EUR" });
    let lost = app.insert("deal", deal).await;
    let line = "lines: [{description: \"Work\", quantity: 1, unitPrice: {amount: 5}}]";
    let steps = [
        ("createLead(input: {familyName: \"A\"})".to_owned(), &["lead.created"][..]),
        ("updateLead(input: {lead: {number: 1}, familyName: \"B\"})".to_owned(), &["lead.updated"]),
        (format!("moveProspect(input: {{{prospect}, lifecycle: CONTACTED}})"), &[]),
        (format!("moveProspect(input: {{{prospect}, lifecycle: QUALIFIED}})"), &["prospect.qualified"]),
        (format!("qualifyProspect(input: {{{prospect}, qualification: {{fitScore: 5}}}})"), &[]),
        ("createDeal(input: {title: \"A\"})".to_owned(), &["deal.created"]),
        (format!("winDeal(input: {{deal: {{number: {}}}}})", world.number("Deal")), &["deal.updated", "deal.won"]),
        (format!("updateDeal(input: {{deal: {{number: {lost}}}, status: LOST}})"), &["deal.lost", "deal.updated"]),
        (
            format!("createTicket(input: {{subject: \"A\", message: \"B\", client: {{number: {client}}}}})"),
            &["ticket.created"],
        ),
        (
            format!("createInvoice(input: {{client: {{number: {client}}}, documentNumber: \"W-1\", {line}}})"),
            &["invoice.created"],
        ),
        ("recordPayment(input: {invoice: {number: 2}, amount: {amount: 4}})".to_owned(), &[]),
        ("recordPayment(input: {invoice: {number: 2}, amount: {amount: 1}})".to_owned(), &["invoice.paid"]),
    ];
    for (mutation, expected) in steps {
        change(&admin, &mutation).await;
        app.deliver().await;
        let mut types = receiver.types();
        types.sort();
        assert_eq!(types, expected, "{mutation}");
    }
    app.execute("UPDATE source SET state = 'FAILED'").await;
    for _ in 0..2 {
        tell_source_states(&app.hub).await.expect("the database answers");
    }
    app.deliver().await;
    let told = receiver.take();
    assert_eq!(told.len(), 1, "each state is told once");
    assert_eq!(told[0].json()["data"]["state"], "FAILED");
}

#[tokio::test]
async fn a_failed_event_is_told_again_with_the_same_body_and_a_new_signature() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let receiver = Receiver::start().await;
    let (number, _) = registered(&admin, &receiver.url(), "LEAD_CREATED", "").await;
    receiver.answer(500, None);
    let lead = lead(&admin, "Before").await;
    app.deliver().await;
    change(&admin, &format!("updateLead(input: {{lead: {{number: {lead}}}, familyName: \"After\"}})")).await;
    change(&admin, &format!("rotateWebhookSecret(input: {{webhook: {{number: {number}}}}})")).await;
    app.pass(TimeDelta::seconds(7));
    app.deliver().await;
    receiver.answer(204, None);
    app.pass(TimeDelta::hours(24));
    app.deliver().await;
    let told = receiver.take();
    assert_eq!(told.len(), 3);
    let same = |name: &str| told.iter().all(|call| call.header(name) == told[0].header(name));
    assert!(same("webhook-id") && told.iter().all(|call| call.body == told[0].body));
    assert!(!same("webhook-timestamp") && !same("webhook-signature"));
    let signatures: Vec<usize> = told.iter().map(|call| call.header("webhook-signature").split(' ').count()).collect();
    assert_eq!(signatures, [1, 2, 1], "both secrets sign for 24 hours");
}

#[tokio::test]
async fn private_and_redirecting_targets_are_refused() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for url in [
        "http://receiver.example/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://localhost/",
        "https://user@receiver.example/",
        "ftp://receiver.example/",
        "nonsense",
    ] {
        let failures = admin.failures(&register(url, "LEAD_CREATED", "")).await;
        assert_eq!(failures, [("INVALID".to_owned(), "url".to_owned())], "{url}");
    }
    // Registered before the rules were as they are: refused when connecting.
    let sink = Receiver::start().await;
    for url in [sink.url(), sink.url().replace("http:", "https:").replace("127.0.0.1", "localhost")] {
        app.execute("DELETE FROM webhook").await;
        app.insert("webhook", json!({ "url": url, "tenant_id": null, "secret_sealed": sealed(&app) })).await;
        lead(&admin, "Obi").await;
        app.deliver().await;
        let error = shown(&admin).await["deliveries"]["nodes"][0]["lastError"].clone();
        assert!(error.as_str().is_some_and(|error| error.starts_with("ADDRESS_REFUSED: ")), "{url}: {error}");
    }
    let open = open().beside(&app).start().await;
    let here = Receiver::start().await;
    here.answer(302, Some(&sink.url()));
    app.execute("DELETE FROM webhook").await;
    registered(&admin.at(&open), &here.url(), "LEAD_CREATED", "").await;
    lead(&admin, "Obi").await;
    open.deliver().await;
    assert_eq!(here.take().len(), 1);
    assert_eq!(shown(&admin).await["deliveries"]["nodes"][0]["lastError"], "REDIRECT: It answered with status 302.");
    assert!(sink.take().is_empty());
}

fn sealed(app: &TestApp) -> String {
    app.hub.sealing.seal("webhook secret", b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
}

#[tokio::test]
async fn an_endpoint_that_only_fails_is_disabled_and_can_be_replayed() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let receiver = Receiver::start().await;
    let (number, _) = registered(&admin, &receiver.url(), "LEAD_CREATED", ", retryAfterSeconds: [86400]").await;
    let start = app.now();
    receiver.answer(500, None);
    for day in 0..5 {
        lead(&admin, &format!("Day {day}")).await;
        app.deliver().await;
        assert_eq!(shown(&admin).await["isActive"], true, "day {day}");
        app.pass(TimeDelta::days(1));
    }
    lead(&admin, "Day 5").await;
    app.deliver().await;
    let row = shown(&admin).await;
    assert_eq!((&row["isActive"], row["disabledAt"].is_null()), (&json!(false), false));
    let nodes = row["deliveries"]["nodes"].as_array().expect("a list").clone();
    assert!(nodes.iter().all(|node| node["status"] == "FAILED"), "{nodes:?}");
    receiver.take();
    receiver.answer(200, None);
    lead(&admin, "Meanwhile").await;
    app.pass(TimeDelta::days(2));
    assert_eq!(app.deliver().await, 0, "it is told nothing");
    let replay = format!("replayWebhook(input: {{webhook: {{number: {number}}}, since: \"{}\"}})", start.to_rfc3339());
    assert_eq!(admin.failures(&replay).await, [("WRONG_STATE".to_owned(), "webhook".to_owned())]);
    // A ping says whether it is well again.
    change(&admin, &format!("pingWebhook(input: {{webhook: {{number: {number}}}}})")).await;
    app.deliver().await;
    assert_eq!(receiver.types(), ["ping"]);
    change(&admin, &format!("updateWebhook(input: {{webhook: {{number: {number}}}, isActive: true}})")).await;
    assert_eq!(shown(&admin).await["disabledAt"], Value::Null);
    let done = admin.done(&format!("{replay} {{ queuedCount errors {{ code field message }} }}")).await;
    assert_eq!(done.number("replayWebhook.queuedCount"), 7);
    assert_eq!(app.deliver().await, 7);
    let mut names: Vec<String> =
        receiver.take().iter().map(|told| told.json()["data"]["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Day 0", "Day 1", "Day 2", "Day 3", "Day 4", "Day 5", "Meanwhile"]);
    // And one by one.
    let one = shown(&admin).await["deliveries"]["nodes"][0]["number"].clone();
    change(&admin, &format!("retryDelivery(input: {{delivery: {{number: {one}}}}})")).await;
    assert_eq!(app.deliver().await, 1);
    assert_eq!(receiver.types().len(), 1);
}

#[tokio::test]
async fn a_success_in_between_keeps_an_endpoint_and_410_ends_it() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let receiver = Receiver::start().await;
    registered(&admin, &receiver.url(), "LEAD_CREATED", ", retryAfterSeconds: []").await;
    for status in [500, 500, 200, 500] {
        receiver.answer(status, None);
        lead(&admin, "A").await;
        app.deliver().await;
        app.pass(TimeDelta::days(3));
    }
    assert_eq!(shown(&admin).await["isActive"], true);
    receiver.answer(410, None);
    lead(&admin, "A").await;
    app.deliver().await;
    let row = shown(&admin).await;
    assert_eq!(row["isActive"], false);
    assert_eq!(row["deliveries"]["nodes"][0]["lastError"], "GONE: It wants to hear no more.");
}

#[tokio::test]
async fn an_endpoint_hears_only_what_its_owner_may_see() {
    let app = open().start().await;
    let admin = app.administrator().await;
    let words = ["webhooks.manage", "leads.read", "leads.all", "deliveries.read"];
    let here = app.staff("Here", &words).await;
    let there = app.staff_of(DAUGHTER, "There", &words).await;
    let narrow = app.staff("Narrow", &["webhooks.manage", "leads.read"]).await;
    let (near, far, whole) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let refused = narrow.failures(&register(&near.url(), "LEAD_CREATED", "")).await;
    assert_eq!(refused, [("FORBIDDEN".to_owned(), "events".to_owned())], "not all leads");
    let refused = here.failures(&register(&near.url(), "LEAD_CREATED DEAL_WON", "")).await;
    assert_eq!(refused, [("FORBIDDEN".to_owned(), "events".to_owned())]);
    let refused =
        here.failures(&register(&near.url(), "LEAD_CREATED", &format!(", tenant: {{number: {DAUGHTER}}}"))).await;
    assert_eq!(refused, [("NOT_FOUND".to_owned(), "tenant".to_owned())]);
    let (own, _) = registered(&here, &near.url(), "LEAD_CREATED", "").await;
    registered(&there, &far.url(), "LEAD_CREATED", "").await;
    let (group, _) = registered(&admin, &whole.url(), "LEAD_CREATED", "").await;
    lead(&admin, "Near").await;
    change(&admin, &format!("createLead(input: {{familyName: \"Far\", tenant: {{number: {DAUGHTER}}}}})")).await;
    app.deliver().await;
    assert_eq!((near.take().len(), far.take().len(), whole.take().len()), (1, 1, 2));
    assert_eq!(shown(&here).await["tenant"]["number"], HEAD_OFFICE);
    assert_eq!(here.query("{ deliveries { totalCount } }").await.number("deliveries.totalCount"), 1);
    assert_eq!(admin.query("{ webhooks { number } }").await.numbers("webhooks").len(), 3);
    // Who does not reach the whole group does not see, change or redirect what hears of it.
    for number in [group, group - 1] {
        let update = format!("updateWebhook(input: {{webhook: {{number: {number}}}, url: \"{}\"}})", near.url());
        assert_eq!(here.failures(&update).await, [("NOT_FOUND".to_owned(), "webhook".to_owned())]);
    }
    let move_it = format!("updateWebhook(input: {{webhook: {{number: {own}}}, url: \"{}\"}})", far.url());
    assert_eq!(narrow.failures(&move_it).await, [("FORBIDDEN".to_owned(), "webhook".to_owned())]);
    change(&here, &format!("deleteWebhook(input: {{webhook: {{number: {own}}}}})")).await;
    lead(&admin, "Later").await;
    app.deliver().await;
    assert_eq!((near.take().len(), whole.take().len()), (0, 1));
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_told() {
    let app = open().set("webhooks.max_endpoints", "1").start().await;
    let admin = app.administrator().await;
    for (more, field) in [
        (", secret: \"secret\"", "secret"),
        (", secret: \"whsec_AAAA\"", "secret"),
        (", retryAfterSeconds: [0]", "retryAfterSeconds"),
        (", retryAfterSeconds: [86401]", "retryAfterSeconds"),
    ] {
        let failures = admin.failures(&register("http://127.0.0.1/", "LEAD_CREATED", more)).await;
        assert_eq!(failures, [("INVALID".to_owned(), field.to_owned())], "{more}");
    }
    let failures = admin.failures("registerWebhook(input: {url: \"http://127.0.0.1/\", events: []})").await;
    assert_eq!(failures, [("REQUIRED".to_owned(), "events".to_owned())]);
    let (number, _) = registered(&admin, "http://127.0.0.1/", "LEAD_CREATED LEAD_CREATED", "").await;
    assert_eq!(shown(&admin).await["events"], json!(["LEAD_CREATED"]));
    let failures = admin.failures(&register("http://127.0.0.1/", "LEAD_CREATED", "")).await;
    assert_eq!(failures, [("TOO_LARGE".to_owned(), String::new())], "there are enough");
    let update = format!("updateWebhook(input: {{webhook: {{number: {number}}}, events: [], isActive: false}})");
    assert_eq!(admin.failures(&update).await, [("REQUIRED".to_owned(), "events".to_owned())]);
    assert_eq!(shown(&admin).await["isActive"], true, "nothing is half-written");
}
