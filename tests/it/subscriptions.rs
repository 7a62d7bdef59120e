//! Changes as they happen, over a WebSocket: of visible rows only, and on PostgreSQL also from other replicas.

use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
    sdl::{SDL, is_marked},
    socket::Socket,
};

const LEADS: &str = "subscription { leadChanged { change id lead { name companyName owner { name } } } }";

async fn create(actor: &Actor, company: &str) -> i64 {
    let made = actor
        .done(&format!("createLead(input: {{familyName: \"X\", companyName: \"{company}\", isPublic: true}}) {{ lead {{ number }} errors {{ code field message }} }}"))
        .await;
    made.number("createLead.lead.number")
}

#[tokio::test]
async fn leads_that_come_change_and_go() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let rep = app.staff("Rep", &["leads.read", "leads.write"]).await;
    let mut socket = Socket::open(&app, &rep).await;
    socket.subscribe(LEADS).await;
    let lead = create(&rep, "One").await;
    let id = app.id("Lead", lead);
    let created = socket.event().await;
    assert_eq!(created["leadChanged"]["change"], "CREATED");
    assert_eq!(created["leadChanged"]["id"], json!(id));
    assert_eq!(created["leadChanged"]["lead"]["companyName"], "One");
    rep.done(&format!(
        "updateLead(input: {{lead: {{number: {lead}}}, companyName: \"Two\"}}) {{ errors {{ code field message }} }}"
    ))
    .await;
    let updated = socket.event().await;
    assert_eq!(
        (&updated["leadChanged"]["change"], &updated["leadChanged"]["lead"]["companyName"]),
        (&json!("UPDATED"), &json!("Two"))
    );
    rep.done(&format!("deleteLead(input: {{lead: {{number: {lead}}}}}) {{ errors {{ code field message }} }}")).await;
    let deleted = socket.event().await;
    assert_eq!(deleted["leadChanged"], json!({ "change": "DELETED", "id": id, "lead": null }));
}

#[tokio::test]
async fn hidden_and_other_rows_are_not_told() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let other = app.staff("Other", &["leads.read", "leads.write"]).await;
    let there = app.staff_of(DAUGHTER, "There", &["leads.read", "leads.write"]).await;
    let mut socket = Socket::open(&app, &rep).await;
    socket
        .subscribe(
            "subscription { leadChanged(filter: {companyName: {startsWith: \"v\"}}) { change lead { companyName } } }",
        )
        .await;
    create(&there, "V of another company").await;
    create(&other, "Another name").await;
    other.done("createLead(input: {familyName: \"X\", companyName: \"V secret\", isPublic: false}) { errors { code field message } }").await;
    let visible = create(&other, "Visible").await;
    assert_eq!(
        socket.event().await["leadChanged"],
        json!({ "change": "CREATED", "lead": { "companyName": "Visible" } })
    );
    // A change that hides the row is not told in words of the row; the next visible one is.
    other.done(&format!("updateLead(input: {{lead: {{number: {visible}}}, companyName: \"Very\"}}) {{ errors {{ code field message }} }}")).await;
    assert_eq!(socket.event().await["leadChanged"]["lead"]["companyName"], "Very");
}

#[tokio::test]
async fn every_subscription_tells_its_own_rows() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let world = app.world(HEAD_OFFICE, admin.number).await;
    let mut socket = Socket::open(&app, &admin).await;
    for (field, member, mutation, of) in [
        ("dealChanged", "deal", "updateDeal(input: {deal: {number: N}, description: \"D\"})", "Deal"),
        ("ticketChanged", "ticket", "updateTicket(input: {ticket: {number: N}, message: \"M\"})", "Ticket"),
        (
            "prospectChanged",
            "prospect",
            "updateProspect(input: {prospect: {number: N}, companyName: \"C\"})",
            "Prospect",
        ),
    ] {
        let number = world.number(of);
        socket.subscribe(&format!("subscription {{ {field} {{ change {member} {{ number }} }} }}")).await;
        let mutation = mutation.replace('N', &number.to_string()).replace(&format!("{number}ame"), "Name");
        admin.done(&format!("{mutation} {{ errors {{ code field message }} }}")).await;
        assert_eq!(
            socket.event().await[field],
            json!({ "change": "UPDATED", member: { "number": number } }),
            "{field}"
        );
    }
}

/// An import of so many leads, two in a chunk, and the number of its batch.
async fn import(actor: &Actor, leads: usize) -> i64 {
    let rows: Vec<String> = (0..leads)
        .map(|lead| format!("{{givenName: \"A\", email: \"{}-{lead}@x.example\"}}", uuid::Uuid::new_v4()))
        .collect();
    let input = format!("{{provider: \"apollo\", batchSize: 2, rows: [{}]}}", rows.join(", "));
    let made =
        actor.done(&format!("importLeads(input: {input}) {{ batch {{ number }} errors {{ code field }} }}")).await;
    made.number("importLeads.batch.number")
}

#[tokio::test]
async fn an_import_tells_how_far_it_is() {
    let app = TestApp::start().await;
    app.listens(1).await;
    app.insert("import_provider", json!({ "name": "apollo", "is_enabled": true })).await;
    app.insert("import_provider", json!({ "name": "apollo", "is_enabled": true, "tenant_id": DAUGHTER })).await;
    let rep = app.staff("Rep", &["leads.read", "leads.write"]).await;
    let there = app.staff_of(DAUGHTER, "There", &["leads.read", "leads.write"]).await;
    let first = import(&rep, 1).await;
    let mut any = Socket::open(&app, &rep).await;
    any.subscribe("subscription { importBatchChanged { number status processedCount totalCount } }").await;
    let mut one = Socket::open(&app, &rep).await;
    one.subscribe(&format!("subscription {{ importBatchChanged(batch: {{number: {first}}}) {{ number }} }}")).await;
    // That of another company is not told.
    import(&there, 3).await;
    let second = import(&rep, 5).await;
    for (processed, status) in [(0, "RUNNING"), (2, "RUNNING"), (4, "RUNNING"), (5, "DONE")] {
        let event = any.event().await["importBatchChanged"].take();
        assert_eq!((&event["number"], &event["totalCount"]), (&json!(second), &json!(5)), "{event}");
        // It is read as it is when it is told.
        assert!(event["processedCount"].as_i64() >= Some(processed), "{event}");
        assert!(status == "RUNNING" || event["status"] == status, "{event}");
    }
    for batch in ["{ id: \"bm90aGluZw\" }", "{ uuid: \"x\" }"] {
        let mut nothing = Socket::open(&app, &rep).await;
        nothing.start(&format!("subscription {{ importBatchChanged(batch: {batch}) {{ number }} }}")).await;
        let told = nothing.next().await.to_string();
        assert!(told.contains("batch names no ImportBatch."), "{batch}: {told}");
    }
    // Nothing came of the first import: the answer to a later operation is the first message.
    let id = one.start("{ __typename }").await;
    assert_eq!(one.next().await["id"], json!(id));
}

#[tokio::test]
async fn deliveries_are_told_of_the_kind_that_is_asked_for() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let mut socket = Socket::open(&app, &admin).await;
    socket.subscribe("subscription { deliveryChanged(kind: WEBHOOK) { number kind } }").await;
    let mut cancelled = Vec::new();
    for kind in ["MAIL", "WEBHOOK"] {
        let row = json!({ "kind": kind, "status": "PENDING", "next_attempt_at": "2026-06-01T00:00:00Z" });
        let number = app.insert("delivery", row).await;
        let cancel = format!("cancelDelivery(input: {{delivery: {{number: {number}}}}}) {{ errors {{ code field }} }}");
        admin.done(&cancel).await;
        cancelled.push(number);
    }
    assert_eq!(socket.event().await["deliveryChanged"], json!({ "number": cancelled[1], "kind": "WEBHOOK" }));
}

#[tokio::test]
async fn notifications_come_to_their_recipient() {
    let app = TestApp::start().await;
    app.listens(1).await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &["tickets.read"]).await;
    let ticket = app.insert("ticket", json!({ "subject": "Help" })).await;
    let mut own = Socket::open(&app, &rep).await;
    own.subscribe("subscription { notificationReceived { text isRead } }").await;
    let mut foreign = Socket::open(&app, &admin).await;
    foreign.subscribe("subscription { notificationReceived { text } }").await;
    let assign = |person: i64| {
        format!(
            "assignTicket(input: {{ticket: {{number: {ticket}}}, assignee: {{number: {person}}}}}) {{ errors {{ code field message }} }}"
        )
    };
    admin.done(&assign(rep.number)).await;
    assert_eq!(own.event().await["notificationReceived"]["isRead"], json!(false));
    let other = app.person(json!({ "name": "Other" })).await;
    admin.done(&assign(other)).await;
    // Nothing came for the administrator: the answer to a later operation is the first message.
    let id = foreign.start("{ __typename }").await;
    assert_eq!(foreign.next().await["id"], json!(id));
}

#[tokio::test]
async fn who_may_not_watch_is_told() {
    let app = TestApp::start().await;
    let somebody = app.staff("Nobody", &[]).await;
    for field in SDL.fields("Subscription") {
        let query = format!("subscription {{ {} }}", SDL.call(field));
        for (actor, code) in [(app.anonymous(), "UNAUTHENTICATED"), (somebody.clone(), "FORBIDDEN")] {
            if code == "FORBIDDEN" && !is_marked(field, "needs") {
                continue;
            }
            let mut socket = Socket::open(&app, &actor).await;
            socket.start(&query).await;
            let message = socket.next().await;
            let errors = if message["type"] == "error" { &message["payload"] } else { &message["payload"]["errors"] };
            assert_eq!(errors[0]["extensions"]["code"], code, "{query}: {message}");
        }
    }
    let rep = app.staff("Rep", &["leads.read"]).await;
    let mut socket = Socket::open(&app, &rep).await;
    socket.start("subscription { leadChanged(filter: {name: {eq: null}}) { id } }").await;
    let message = socket.next().await;
    assert!(message.to_string().contains("filter.name.eq"), "{message}");
}

#[tokio::test]
async fn connections_without_a_good_token_are_closed() {
    let app = TestApp::start().await;
    let mut socket = Socket::connect(&app).await;
    socket.send(json!({ "type": "connection_init", "payload": { "Authorization": "Bearer ggp_wrong" } })).await;
    assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(4403));
    let mut socket = Socket::connect(&app).await;
    socket.start("{ __typename }").await;
    assert_eq!(socket.closed().await.map(|frame| u16::from(frame.code)), Some(4401));
}

#[tokio::test]
async fn replicas_tell_each_other() {
    let here = TestApp::start().await;
    if !here.is_postgres() {
        // SQLite has one process.
        return;
    }
    let there = TestApp::builder().beside(&here).start().await;
    here.listens(2).await;
    let rep = here.staff("Rep", &["leads.read", "leads.write"]).await;
    let mut socket = Socket::open(&here, &rep).await;
    socket.subscribe(LEADS).await;
    let lead = create(&rep.at(&there), "Far").await;
    assert_eq!(socket.event().await["leadChanged"]["lead"]["companyName"], "Far");
    rep.at(&there)
        .done(&format!("deleteLead(input: {{lead: {{number: {lead}}}}}) {{ errors {{ code field message }} }}"))
        .await;
    assert_eq!(socket.event().await["leadChanged"]["lead"], Value::Null);
    // Told once, though both replicas hear it.
    create(&rep, "Near").await;
    assert_eq!(socket.event().await["leadChanged"]["lead"]["companyName"], "Near");
    create(&rep, "Nearer").await;
    assert_eq!(socket.event().await["leadChanged"]["lead"]["companyName"], "Nearer");
}

impl TestApp {
    /// Waits until so many replicas hear the changes of others, where there are any.
    pub async fn listens(&self, replicas: i64) {
        if !self.is_postgres() {
            return;
        }
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
        while self.count(sql).await < replicas {
            tokio::task::yield_now().await;
        }
    }
}
