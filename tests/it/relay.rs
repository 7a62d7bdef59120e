//! What sources tell by themselves, passed on to whoever watches at the hub.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    Actor,
    app::DAUGHTER,
    socket::Socket,
    source::{Subsidiary, group},
};

/// Runs a mutation at a subsidiary again and again until the hub tells of it: it has to connect first.
async fn until_told(socket: &mut Socket, rep: &Actor, mutation: &str) -> serde_json::Value {
    let again = async {
        loop {
            rep.done(mutation).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::select! {
        event = socket.event() => event,
        () = again => unreachable!("it never ends"),
    }
}

async fn rep(subsidiary: &Subsidiary) -> Actor {
    subsidiary.app.listens(1).await;
    subsidiary.app.staff("Rep", &["leads.read", "leads.write", "tickets.read", "tickets.write"]).await
}

#[tokio::test]
async fn new_leads_and_changed_tickets_of_the_group_are_told() {
    let (hub, viewer, subsidiaries) = group().await;
    let rep = rep(&subsidiaries[0]).await;
    let mut socket = Socket::open(&hub, &viewer).await;
    socket.subscribe("subscription { globalLeadCreated { id companyName tenant { name } } }").await;
    let create = "createLead(input: {familyName: \"X\", companyName: \"Told\", isPublic: true}) \
                  { errors { code field message } }";
    let event = until_told(&mut socket, &rep, create).await;
    assert_eq!(event["globalLeadCreated"]["companyName"], "Told");
    assert_eq!(event["globalLeadCreated"]["tenant"]["name"], "Daughter");

    let mut socket = Socket::open(&hub, &viewer).await;
    socket
        .subscribe(&format!(
            "subscription {{ globalTicketChanged(tenants: [\"{}\"]) {{ change id ticket {{ subject tenant {{ name }} }} }} }}",
            hub.id("Tenant", DAUGHTER)
        ))
        .await;
    let create = "createTicket(input: {subject: \"Broken\", message: \"It is\"}) { errors { code field message } }";
    let event = until_told(&mut socket, &rep, create).await;
    assert_eq!(event["globalTicketChanged"]["change"], "CREATED", "{event}");
    assert_eq!(
        event["globalTicketChanged"]["ticket"],
        json!({ "subject": "Broken", "tenant": { "name": "Daughter" } })
    );
}

#[tokio::test]
async fn sources_that_stop_are_told() {
    let (hub, viewer, _subsidiaries) = group().await;
    let mut socket = Socket::open(&hub, &viewer).await;
    socket.subscribe("subscription { sourceStatusChanged { tenant { name } state health { breaker } } }").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    viewer.done("suspendSource(input: {source: {number: 1}}) { errors { code field message } }").await;
    let event = socket.event().await;
    assert_eq!(
        event["sourceStatusChanged"],
        json!({ "tenant": { "name": "Daughter" }, "state": "SUSPENDED", "health": { "breaker": "CLOSED" } })
    );
}
