//! Every list is bounded: a connection with its cap, or a plain list of at most 500 rows.

use groupgraph_schema::catalog::catalog;
use serde_json::json;

use crate::support::{
    TestApp,
    app::HEAD_OFFICE,
    sdl::{SDL, innermost, is_list},
};

#[test]
fn lists_that_grow_are_connections() {
    let mut wrong = Vec::new();
    for of in SDL.objects() {
        for field in SDL.fields(of) {
            let inner = innermost(&field.ty.node);
            let has = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
            if inner.ends_with("Connection") && !(has("first") && has("after")) {
                wrong.push(format!("{of}.{} has no pages", field.name.node));
            }
            // A type with a connection of its own has more rows than a plain list shows.
            let grows = !SDL.fields(&format!("{inner}Connection")).is_empty();
            let is_part = of.ends_with("Connection") || of.ends_with("Payload");
            if is_list(&field.ty.node) && grows && !is_part {
                wrong.push(format!("{of}.{}: [{inner}]", field.name.node));
            }
        }
    }
    // What a record names itself is bounded by the size of its body.
    let is_record = |found: &String| {
        let of = found.split('.').next().unwrap_or_default();
        // Shapes within a record have its name in front of their own.
        let is_shape = |rest: &str| rest.is_empty() || rest.starts_with(char::is_uppercase);
        catalog().resources.iter().any(|resource| of.strip_prefix(resource.type_name()).is_some_and(is_shape))
    };
    wrong.retain(|found| !ALLOWED.contains(&found.as_str()) && !is_record(found));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Plain lists of types that also have connections; the engine cuts them at 500.
const ALLOWED: [&str; 9] = [
    "Client.owners: [Staff]",
    "Deal.members: [Staff]",
    "ErrorLogPage.entries: [ErrorLog]",
    "Invoice.payments: [Payment]",
    "Prospect.contacts: [Contact]",
    "Staff.teams: [Team]",
    "Task.assignees: [Staff]",
    "Team.members: [Staff]",
    "Viewer.tenants: [Tenant]",
];

#[tokio::test]
async fn pages_are_capped_wherever_they_are() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let world = app.world(HEAD_OFFICE, viewer.number).await;
    let mut count = 0;
    for of in SDL.objects() {
        for field in SDL.fields(of) {
            let name = &field.name.node;
            let has = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
            if !innermost(&field.ty.node).ends_with("Connection") || !has("first") {
                continue;
            }
            let list = format!("{name}(first: 101) {{ nodes {{ __typename }} }}");
            let query = match of {
                "Query" => format!("{{ {list} }}"),
                "Viewer" => format!("{{ viewer {{ {list} }} }}"),
                "ProspectBoardColumn" => format!("{{ prospectBoard {{ {list} }} }}"),
                _ => format!("{{ node(id: \"{}\") {{ ... on {of} {{ {list} }} }} }}", app.id(of, world.number(of))),
            };
            let answer = viewer.query(&query).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{query}: {answer:?}");
            assert!(answer.message().contains("first") && answer.message().contains("100"), "{}", answer.message());
            count += 1;
        }
    }
    assert!(count > 30, "{count} connections");
}

#[tokio::test]
async fn plain_lists_end_at_500() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let names = |prefix: &str| (0..600).map(|number| json!({ "name": format!("{prefix} {number:03}") })).collect();
    app.insert_all("position", names("Position")).await;
    let answer = viewer.query("{ positions { name } }").await;
    assert_eq!(answer.texts("positions", "name").len(), 500);
    assert_eq!(answer.text("positions.0.name"), "Position 000");
    let team = app.insert("team", json!({ "name": "All" })).await;
    let people = app.insert_all("staff", names("Person")).await;
    let members = people.into_iter().map(|person| json!({ "team_id": team, "staff_id": person })).collect();
    app.insert_all("team_member", members).await;
    let answer = viewer.query(&format!("{{ team(by: {{number: {team}}}) {{ members {{ name }} }} }}")).await;
    assert_eq!(answer.texts("team.members", "name").len(), 500);
}

#[tokio::test]
async fn totals_of_many_combinations_end_too() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.world(HEAD_OFFICE, viewer.number).await;
    for (field, words) in [
        ("leadCounts", SDL.values("LeadDimension")),
        ("dealTotals", SDL.values("DealDimension")),
        ("ticketCounts", SDL.values("TicketDimension")),
        ("invoiceTotals", SDL.values("InvoiceDimension")),
    ] {
        let answer = viewer.query(&format!("{{ {field}(groupBy: [{}]) {{ count }} }}", words.join(", "))).await;
        assert_eq!(answer.number(&format!("{field}.0.count")), 1, "{field}");
        let answer = viewer.query(&format!("{{ {field}(groupBy: []) {{ count }} }}")).await;
        assert_eq!(answer.number(&format!("{field}.0.count")), 1, "{field}");
    }
}
