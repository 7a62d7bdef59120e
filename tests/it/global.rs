//! Global fields: the rows of all companies in one list, tagged, ordered and paged; what happens when one fails.

use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    actor::Answer,
    app::{DAUGHTER, HEAD_OFFICE},
    source::{Behaviour, Subsidiary, group},
};

const ROWS: &str = "nodes { name tenant { name } } pageInfo { hasNextPage endCursor } \
    sources { tenant { name } status rowCount code message }";

/// Leads A to F, taking turns; C and D have the same value.
async fn leads(subsidiaries: &[Subsidiary; 2]) {
    for (index, name) in ["A", "B", "C", "D", "E", "F"].into_iter().enumerate() {
        let value = [100, 200, 300, 300, 500, 600][index];
        let row = json!({ "name": name, "value_minor": value, "value_currency": "EUR", "is_public": true });
        subsidiaries[index % 2].app.insert("lead", row).await;
    }
}

async fn ask(viewer: &Actor, arguments: &str) -> Answer {
    viewer.query(&format!("{{ globalLeads({arguments}) {{ {ROWS} }} }}")).await
}

fn statuses(answer: &Answer) -> Vec<(String, String)> {
    let reports = answer.data("globalLeads.sources").as_array().expect("reports");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    reports.iter().map(|report| (text(&report["tenant"]["name"]), text(&report["status"]))).collect()
}

fn both(daughter: &str, sister: &str) -> Vec<(String, String)> {
    vec![("Daughter".into(), daughter.into()), ("Sister".into(), sister.into())]
}

#[tokio::test]
async fn rows_of_all_companies_are_tagged_and_ordered() {
    let (_hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    let answer = ask(&viewer, "orderBy: [{field: NAME, direction: DESC}]").await;
    assert_eq!(answer.texts("globalLeads.nodes", "name"), ["F", "E", "D", "C", "B", "A"]);
    let tenants: Vec<&Value> =
        answer.data("globalLeads.nodes").as_array().expect("rows").iter().map(|row| &row["tenant"]["name"]).collect();
    assert_eq!(tenants, ["Sister", "Daughter", "Sister", "Daughter", "Sister", "Daughter"]);
    assert_eq!(statuses(&answer), both("OK", "OK"));
    assert_eq!(answer.number("globalLeads.sources.0.rowCount"), 3);
    let counted = viewer.query("{ globalLeads(first: 1) { totalCount } }").await;
    assert_eq!(counted.number("globalLeads.totalCount"), 6);
}

#[tokio::test]
async fn paging_meets_every_row_once() {
    let (_hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    for order in ["NAME", "VALUE", "CREATED_AT", "NUMBER"] {
        for direction in ["ASC", "DESC"] {
            let (mut names, mut after) = (Vec::new(), String::new());
            loop {
                let arguments = format!("first: 2, orderBy: [{{field: {order}, direction: {direction}}}]{after}");
                let answer = ask(&viewer, &arguments).await;
                names.extend(answer.texts("globalLeads.nodes", "name"));
                if answer.data("globalLeads.pageInfo.hasNextPage") != &json!(true) {
                    break;
                }
                after = format!(", after: \"{}\"", answer.text("globalLeads.pageInfo.endCursor"));
            }
            let whole = ask(&viewer, &format!("orderBy: [{{field: {order}, direction: {direction}}}]")).await;
            assert_eq!(names, whole.texts("globalLeads.nodes", "name"), "{order} {direction}");
            names.sort();
            assert_eq!(names, ["A", "B", "C", "D", "E", "F"], "{order} {direction}");
        }
    }
}

#[tokio::test]
async fn filters_and_search_go_down() {
    let (_hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    for (arguments, names) in [
        ("filter: {name: {in: [\"a\", \"b\", \"x\"]}}", "AB"),
        ("filter: {value: {gte: \"5\"}}", "EF"),
        ("search: \"c\"", "C"),
        ("filter: {or: [{name: {eq: \"a\"}}, {not: {value: {lt: \"6\"}}}]}", "AF"),
    ] {
        let answer = ask(&viewer, &format!("{arguments}, orderBy: [{{field: NAME, direction: ASC}}]")).await;
        assert_eq!(answer.texts("globalLeads.nodes", "name").concat(), names, "{arguments}: {answer:?}");
    }
    let filter = json!({ "name": { "eq": "a" } });
    let query = "query($filter: LeadFilter) { globalLeads(filter: $filter) { nodes { name } } }";
    let answer = viewer.query_with(query, json!({ "filter": filter })).await;
    assert_eq!(answer.texts("globalLeads.nodes", "name"), ["A"]);
}

#[tokio::test]
async fn one_that_fails_leaves_the_others_rows() {
    let (_hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    for (behaviour, status) in [
        (Behaviour::Say(200, "garbage"), "INVALID"),
        (Behaviour::Say(200, "{\"data\":{\"leads\":{\"nodes\":[{\"name\":1}]}}}"), "INVALID"),
        (Behaviour::Say(200, "{\"errors\":[{\"message\":\"no\"}]}"), "INVALID"),
        (Behaviour::Say(401, "{}"), "REFUSED"),
        (Behaviour::Hang, "TIMED_OUT"),
        (Behaviour::Say(500, "{}"), "UNREACHABLE"),
    ] {
        subsidiaries[1].behave(behaviour.clone());
        let answer = ask(&viewer, "deadlineMs: 300, orderBy: [{field: NAME, direction: ASC}]").await;
        assert_eq!(answer.texts("globalLeads.nodes", "name"), ["A", "C", "E"], "{behaviour:?}");
        assert_eq!(statuses(&answer), both("OK", status), "{behaviour:?}: {answer:?}");
        assert!(answer.data("globalLeads.sources.1.message").is_string(), "{answer:?}");
        let failed = viewer
            .query("{ globalLeads(deadlineMs: 300) { totalCount sources(isFailed: true) { tenant { name } } } }")
            .await;
        assert_eq!(failed.data("globalLeads.sources"), &json!([{ "tenant": { "name": "Sister" } }]));
        assert_eq!(failed.data("globalLeads.totalCount"), &Value::Null);
    }
}

#[tokio::test]
async fn all_or_nothing_if_asked() {
    let (_hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    let answer = ask(&viewer, "onSourceError: FAIL").await;
    assert_eq!(answer.texts("globalLeads.nodes", "name").len(), 6);
    subsidiaries[0].behave(Behaviour::Say(200, "garbage"));
    let answer = ask(&viewer, "onSourceError: FAIL").await;
    assert_eq!(answer.code(), "SOURCE_FAILED");
    assert!(answer.json["data"].is_null(), "{answer:?}");
}

#[tokio::test]
async fn only_the_named_companies_are_asked() {
    let (hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    let before = subsidiaries[1].calls();
    let answer = ask(&viewer, &format!("tenants: [\"{}\"]", hub.id("Tenant", DAUGHTER))).await;
    assert_eq!(answer.texts("globalLeads.nodes", "name").len(), 3);
    assert_eq!(statuses(&answer), both("OK", "SKIPPED"));
    assert_eq!(subsidiaries[1].calls(), before);
    let nobody = ask(&viewer, "tenants: []").await;
    assert_eq!(nobody.data("globalLeads.nodes"), &json!([]));
}

#[tokio::test]
async fn viewers_meet_the_companies_that_they_reach() {
    let (hub, _, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    let rep = hub.staff_of(DAUGHTER, "Rep", &["leads.read"]).await;
    let answer = ask(&rep, "first: 10").await;
    assert_eq!(statuses(&answer), [("Daughter".to_owned(), "OK".to_owned())]);
    let nobody = hub.staff("Nobody", &[]).await;
    assert_eq!(ask(&nobody, "first: 10").await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn every_global_field_answers() {
    let (hub, viewer, subsidiaries) = group().await;
    for (subsidiary, company) in subsidiaries.iter().zip([DAUGHTER, DAUGHTER + 1]) {
        let owner = subsidiary.app.person(json!({ "name": "Owner" })).await;
        subsidiary.app.world(HEAD_OFFICE, owner).await;
        // Tasks are those of the viewer's own account there.
        let mapping = json!({ "staff_id": viewer.number, "tenant_id": company, "remote_staff_number": owner });
        hub.insert("staff_mapping", mapping).await;
    }
    for (field, of) in [
        ("globalStaff", "Staff"),
        ("globalLeads", "Lead"),
        ("globalDeals", "Deal"),
        ("globalTasks", "Task"),
        ("globalTickets", "Ticket"),
        ("globalAnnouncements", "Announcement"),
        ("globalActivityLogs", "ActivityLog"),
        ("globalInvoices", "Invoice"),
        ("globalPayments", "Payment"),
        ("globalClients", "Client"),
        ("globalProducts", "Product"),
        ("globalProspects", "Prospect"),
    ] {
        let query = format!(
            "{{ {field} {{ kind: __typename nodes {{ ...row }} edges {{ cursor node {{ ...row }} }} \
             totalCount sources {{ status message missingFields }} }} }} \
             fragment row on {of} {{ __typename id number tenant {{ name }} }}"
        );
        let answer = viewer.query(&query).await;
        let nodes = answer.data(&format!("{field}.nodes")).as_array().expect("rows");
        assert!(nodes.len() >= 2 && nodes.iter().all(|node| node["__typename"] == json!(of)), "{answer:?}");
        assert_eq!(answer.texts(&format!("{field}.sources"), "status"), ["OK", "OK"], "{answer:?}");
        let edges = answer.data(&format!("{field}.edges")).as_array().expect("edges");
        assert_eq!(edges.len(), nodes.len());
        assert_eq!(edges[0]["node"]["id"], nodes[0]["id"]);
    }
}

#[tokio::test]
async fn refused_arguments_are_named() {
    let (_hub, viewer, _subsidiaries) = group().await;
    for (arguments, said) in [
        ("first: 101", "first"),
        ("first: -1", "first"),
        ("after: \"nonsense\"", "after"),
        ("filter: {name: {eq: null}}", "filter.name.eq"),
    ] {
        let answer = ask(&viewer, arguments).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}: {answer:?}");
        assert!(answer.message().contains(said), "{arguments}: {}", answer.message());
    }
    let hub = TestApp::start().await;
    let alone = ask(&hub.administrator().await, "first: 10").await;
    assert_eq!((alone.data("globalLeads.nodes"), alone.data("globalLeads.sources")), (&json!([]), &json!([])));
}

#[tokio::test]
async fn the_hub_is_a_source_of_its_own_rows() {
    let (hub, viewer, subsidiaries) = group().await;
    leads(&subsidiaries).await;
    hub.insert("lead", json!({ "name": "BB", "is_public": true })).await;
    let namespace = viewer.query("{ tenants(first: 100) { nodes { namespace isHeadOffice } } }").await;
    let tenants = namespace.data("tenants.nodes").as_array().expect("companies").clone();
    let home = tenants.iter().find(|tenant| tenant["isHeadOffice"] == true).expect("a head office");
    let home = home["namespace"].as_str().expect("a namespace");
    groupgraph_schema::source::admin::own(&hub.hub, home).await.expect("the hub has rows");
    let answer = ask(&viewer, "orderBy: [{field: NAME}]").await;
    assert_eq!(answer.texts("globalLeads.nodes", "name"), ["A", "B", "BB", "C", "D", "E", "F"]);
    assert_eq!(statuses(&answer).len(), 3);
    let first = ask(&viewer, "first: 3, orderBy: [{field: NAME}]").await;
    let after = first.data("globalLeads.pageInfo.endCursor").as_str().expect("a cursor").to_owned();
    let rest = ask(&viewer, &format!("first: 3, after: \"{after}\", orderBy: [{{field: NAME}}]")).await;
    assert_eq!(rest.texts("globalLeads.nodes", "name"), ["C", "D", "E"]);
}
