//! Sources with a schema of their own: a server whose lists bear other names, asked by documents that translate.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    app::DAUGHTER,
    source::{Behaviour, Subsidiary},
};

/// The leads of a server as clients: paged by its own cursors, or all at once.
fn mapping(paging: &str) -> Value {
    json!([{
        "collection": "CLIENTS",
        "document": "query($first: Int, $after: String, $orderBy: [LeadOrder!]) {
            leads(first: $first, after: $after, orderBy: $orderBy) {
                totalCount
                nodes { number name tradingName: companyName createdAt isActive: state owner { number name } }
                pageInfo { hasNextPage endCursor }
            }
        }",
        "rowsPath": "leads.nodes",
        "paging": paging,
        "conversions": {
            "isActive": {"words": {"OPEN": "true"}},
            "orderBy": {
                "CREATED_AT_ASC": [{"field": "CREATED_AT", "direction": "ASC"}],
                "CREATED_AT_DESC": [{"field": "CREATED_AT", "direction": "DESC"}],
            },
        },
    }])
}

/// The same without a field of another kind.
fn fitting(paging: &str) -> Value {
    let mut mapping = mapping(paging);
    let document = mapping[0]["document"].as_str().expect("text").replace("isActive: state ", "");
    mapping[0]["document"] = document.into();
    mapping[0]["conversions"].as_object_mut().expect("an object").remove("isActive");
    mapping[0]["conversions"]["isActive"] = json!({"constant": true});
    mapping
}

async fn leads(subsidiary: &Subsidiary, count: usize) {
    for index in 0..count {
        let row = json!({
            "name": format!("Lead {index:02}"), "is_public": true,
            "company_name": (index % 2 == 0).then(|| format!("Company {}", index % 3)),
            "created_at": format!("2026-01-{:02}T00:00:00Z", 1 + index % 7),
        });
        subsidiary.app.insert("lead", row).await;
    }
}

/// A hub with a server of leads that answers for clients.
async fn hub(mappings: Value, count: usize) -> (TestApp, Actor, Subsidiary) {
    joined(TestApp::start().await, mappings, count).await
}

async fn joined(hub: TestApp, mappings: Value, count: usize) -> (TestApp, Actor, Subsidiary) {
    let admin = hub.administrator().await;
    let subsidiary = Subsidiary::start().await;
    leads(&subsidiary, count).await;
    let answer = subsidiary.offer(&hub, &admin, DAUGHTER, mappings).await;
    assert_eq!(answer.data("registerSource.errors"), &json!([]), "{answer:?}");
    assert_eq!(answer.data("registerSource.source.state"), "ACTIVE");
    (hub, admin, subsidiary)
}

#[tokio::test]
async fn a_foreign_list_is_walked_in_every_order() {
    let (_hub, viewer, _subsidiary) = hub(fitting("CURSOR"), 23).await;
    for order in ["CREATED_AT", "NAME", "NUMBER"] {
        for direction in ["ASC", "DESC"] {
            let (mut names, mut after) = (Vec::new(), String::new());
            loop {
                let answer = viewer
                    .query(&format!(
                        "{{ globalClients(first: 5, orderBy: [{{field: {order}, direction: {direction}}}]{after}) \
                             {{ nodes {{ id name isActive tenant {{ name }} }} totalCount \
                             pageInfo {{ hasNextPage endCursor }} sources {{ status code message }} }} }}"
                    ))
                    .await;
                assert_eq!(answer.texts("globalClients.sources", "status"), ["OK"], "{answer:?}");
                assert_eq!(answer.number("globalClients.totalCount"), 23);
                names.extend(answer.texts("globalClients.nodes", "name"));
                if answer.data("globalClients.pageInfo.hasNextPage") != &json!(true) {
                    break;
                }
                after = format!(", after: \"{}\"", answer.text("globalClients.pageInfo.endCursor"));
            }
            assert_eq!(names.len(), 23, "{order} {direction}");
            names.sort();
            names.dedup();
            assert_eq!(names.len(), 23, "{order} {direction}: each once");
        }
    }
}

#[tokio::test]
async fn what_is_not_mapped_is_null_and_named() {
    let (_hub, viewer, _subsidiary) = hub(fitting("CURSOR"), 2).await;
    let query = "{ globalClients { nodes { name code owner { name } } sources { status missingFields } } }";
    let answer = viewer.query(query).await;
    assert_eq!(answer.data("globalClients.nodes.0.code"), &Value::Null);
    assert_eq!(answer.data("globalClients.nodes.0.owner"), &Value::Null);
    assert_eq!(answer.data("globalClients.sources"), &json!([{ "status": "OK", "missingFields": ["code"] }]));
    let sources =
        viewer.query("{ sources { mode collections { collection isOffered paging orderableFields } } }").await;
    assert_eq!(sources.data("sources.0.mode"), "MAPPED");
    let collections = sources.data("sources.0.collections").as_array().expect("collections").clone();
    let clients = collections.iter().find(|state| state["collection"] == "CLIENTS").expect("clients");
    assert_eq!(
        clients,
        &json!({ "collection": "CLIENTS", "isOffered": true, "paging": "CURSOR", "orderableFields": ["CREATED_AT"] })
    );
}

#[tokio::test]
async fn the_hub_tests_what_the_server_cannot() {
    let (_hub, viewer, _subsidiary) = hub(fitting("CURSOR"), 23).await;
    for (filter, count) in [
        ("{name: {contains: \"LEAD 1\"}}", 10),
        ("{createdAt: {gte: \"2026-01-07T00:00:00Z\"}}", 3),
        ("{or: [{name: {eq: \"lead 03\"}}, {name: {eq: \"lead 05\"}}]}", 2),
        ("{not: {name: {startsWith: \"lead 1\"}}}", 13),
    ] {
        let query = format!(
            "{{ globalClients(first: 50, filter: {filter}, orderBy: [{{field: CREATED_AT}}]) \
             {{ nodes {{ name }} totalCount sources {{ status code message }} }} }}"
        );
        let answer = viewer.query(&query).await;
        assert_eq!(answer.texts("globalClients.nodes", "name").len(), count, "{filter}: {answer:?}");
        assert_eq!(answer.data("globalClients.totalCount"), &Value::Null, "the server's count is of all");
    }
    let refused =
        viewer.query("{ globalClients(search: \"x\") { nodes { name } sources(isFailed: true) { code } } }").await;
    assert_eq!(refused.texts("globalClients.sources", "code"), ["SEARCH_NOT_OFFERED"]);
    let lacking = viewer.query("{ globalClients(filter: {code: {eq: \"x\"}}) { sources { code } } }").await;
    assert_eq!(lacking.texts("globalClients.sources", "code"), ["FILTER_NOT_OFFERED"]);
}

#[tokio::test]
async fn a_foreign_source_that_fails_leaves_the_others() {
    let (_hub, viewer, subsidiary) = hub(fitting("CURSOR"), 3).await;
    for (behaviour, status) in [
        (Behaviour::Say(200, "garbage"), "INVALID"),
        (
            Behaviour::Say(200, "{\"data\":{\"leads\":{\"nodes\":[{}],\"pageInfo\":{\"hasNextPage\":false}}}}"),
            "INVALID",
        ),
        (Behaviour::Say(401, "{}"), "REFUSED"),
    ] {
        subsidiary.behave(behaviour.clone());
        let answer = viewer.query("{ globalClients { nodes { name } sources { status } } }").await;
        assert_eq!(answer.texts("globalClients.sources", "status"), [status], "{behaviour:?}");
        assert_eq!(answer.data("globalClients.nodes"), &json!([]));
    }
}

#[tokio::test]
async fn answers_of_a_foreign_source_are_used_again() {
    let hub = TestApp::builder().set("sources.stale_seconds", "600").start().await;
    let (hub, admin, subsidiary) = joined(hub, fitting("CURSOR"), 23).await;
    let set = "mutation { updateSource(input: {source: {number: 1}, cacheSeconds: 60}) { errors { message } } }";
    assert_eq!(admin.query(set).await.data("updateSource.errors"), &json!([]));
    let query = "{ globalClients(first: 5, orderBy: [{field: NAME}]) \
        { nodes { name } sources { status cachedAt rowCount } } }";
    let first = admin.query(query).await;
    assert_eq!(first.data("globalClients.sources.0.cachedAt"), &Value::Null, "{first:?}");
    let calls = subsidiary.calls();
    hub.pass(TimeDelta::seconds(30));
    let fresh = admin.query(query).await;
    assert_eq!(subsidiary.calls(), calls, "nobody was asked");
    hub.pass(TimeDelta::seconds(60));
    subsidiary.behave(Behaviour::Say(500, "{}"));
    let stale = admin.query(query).await;
    assert!(subsidiary.calls() > calls);
    for (answer, status) in [(&fresh, "OK"), (&stale, "UNREACHABLE")] {
        assert_eq!(answer.data("globalClients.nodes"), first.data("globalClients.nodes"), "{answer:?}");
        assert_eq!(answer.texts("globalClients.sources", "status"), [status]);
        assert!(answer.data("globalClients.sources.0.cachedAt").is_string(), "{answer:?}");
    }
    hub.pass(TimeDelta::seconds(600));
    assert_eq!(admin.query(query).await.data("globalClients.nodes"), &json!([]), "too old");
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_is_refused_with_its_reason() {
    let hub = TestApp::start().await;
    let admin = hub.administrator().await;
    let subsidiary = Subsidiary::start().await;
    leads(&subsidiary, 1).await;
    let unfit = mapping("CURSOR");
    let answer = subsidiary.offer(&hub, &admin, DAUGHTER, unfit).await;
    assert_eq!(answer.data("registerSource.errors.0.field"), &json!(["mappings", "0", "conversions"]), "{answer:?}");
    let mut unknown = fitting("CURSOR");
    let document =
        unknown[0]["document"].as_str().expect("text").replace("tradingName: companyName", "tradingName: nickname");
    unknown[0]["document"] = document.into();
    let answer = subsidiary.offer(&hub, &admin, DAUGHTER, unknown).await;
    let message = answer.text("registerSource.errors.0.message");
    assert!(message.contains("leads.nodes.nickname is not in its schema"), "{message}");
}

#[tokio::test]
async fn totals_are_added_up_over_all_kinds_of_sources() {
    let (hub, viewer, subsidiaries) = crate::support::source::group().await;
    for (index, subsidiary) in subsidiaries.iter().enumerate() {
        for state in ["OPEN", "OPEN", "LOST"].into_iter().take(index + 2) {
            let row = json!({ "name": "L", "state": state, "is_public": true });
            subsidiary.app.insert("lead", row).await;
        }
    }
    let query = "{ globalLeadCounts(groupBy: [TENANT, STATE]) { rows { tenant { name } state status count } total \
                 sources { tenant { name } status code } } }";
    let answer = viewer.query(query).await;
    assert_eq!(answer.number("globalLeadCounts.total"), 5, "{answer:?}");
    assert_eq!(
        answer.data("globalLeadCounts.rows"),
        &json!([
            { "tenant": { "name": "Daughter" }, "state": "OPEN", "status": null, "count": 2 },
            { "tenant": { "name": "Sister" }, "state": "LOST", "status": null, "count": 1 },
            { "tenant": { "name": "Sister" }, "state": "OPEN", "status": null, "count": 2 },
        ])
    );
    let only =
        format!("{{ globalLeadCounts(tenants: [\"{}\"], groupBy: []) {{ total }} }}", hub.id("Tenant", DAUGHTER));
    assert_eq!(viewer.query(&only).await.number("globalLeadCounts.total"), 2);
    let own = json!({ "name": "Own", "is_public": true });
    hub.insert("lead", own).await;
    let namespaces = viewer.query("{ tenants(first: 100) { nodes { namespace isHeadOffice } } }").await;
    let tenants = namespaces.data("tenants.nodes").as_array().expect("companies").clone();
    let home = tenants.iter().find(|tenant| tenant["isHeadOffice"] == true).expect("a head office");
    groupgraph_schema::source::admin::own(&hub.hub, home["namespace"].as_str().expect("text")).await.expect("own rows");
    let all = viewer
        .query("{ globalLeadCounts(groupBy: [STATE], filter: {state: {eq: OPEN}}) { rows { state count } } }")
        .await;
    assert_eq!(all.data("globalLeadCounts.rows"), &json!([{ "state": "OPEN", "count": 5 }]), "{all:?}");
    subsidiaries[1].behave(Behaviour::Say(200, "garbage"));
    let partly = viewer.query(query).await;
    assert_eq!(partly.number("globalLeadCounts.total"), 3);
    assert_eq!(
        partly.texts("globalLeadCounts.sources", "status").iter().filter(|status| *status == "INVALID").count(),
        1
    );
    let nothing = viewer.query("{ globalDealTotals { rows { count value { amount currency } } total } }").await;
    assert!(nothing.data("globalDealTotals.total").is_number(), "{nothing:?}");
}

#[tokio::test]
async fn rows_of_a_server_that_counts_nothing_are_counted_by_the_hub() {
    let mut leads_of_leads = fitting("CURSOR");
    let document = leads_of_leads[0]["document"].as_str().expect("text").replace("tradingName: companyName", "state");
    leads_of_leads[0]["document"] = document.into();
    leads_of_leads[0]["collection"] = "LEADS".into();
    leads_of_leads[0]["conversions"].as_object_mut().expect("an object").remove("isActive");
    let (_hub, viewer, _subsidiary) = hub(leads_of_leads, 9).await;
    let answer = viewer
        .query("{ globalLeadCounts(groupBy: [STATE]) { rows { state count } total sources { status code message } } }")
        .await;
    assert_eq!(answer.data("globalLeadCounts.rows"), &json!([{ "state": "OPEN", "count": 9 }]), "{answer:?}");
    let lacking = viewer.query("{ globalLeadCounts(groupBy: [SOURCE]) { total sources { code } } }").await;
    assert_eq!(lacking.texts("globalLeadCounts.sources", "code"), ["TOTALS_NOT_OFFERED"]);
}
