//! Conditions: every operator of every filter, their combinations, and what is refused.

use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    app::DAUGHTER,
    sdl::{SDL, innermost},
};

/// Leads that differ in everything that is filtered by: names A to E.
async fn leads() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let status = app.insert("lead_status", json!({ "name": "Warm" })).await;
    for row in [
        json!({ "name": "A", "company_name": "Alpha Ltd", "value_minor": 10_000, "value_currency": "EUR", "status_id": status, "state": "OPEN" }),
        json!({ "name": "B", "company_name": "alpha ltd", "value_minor": 20_000, "value_currency": "EUR", "owner_id": viewer.number }),
        json!({ "name": "C", "company_name": "50% Off_Shop", "value_minor": 10_000, "value_currency": "USD", "is_public": false }),
        json!({ "name": "D", "company_name": "Beta\\Co", "value_minor": null, "last_contacted_at": "2026-05-18T23:30:00Z" }),
        json!({ "name": "E", "company_name": null, "last_contacted_at": "2026-05-10T12:00:00Z", "tenant_id": DAUGHTER }),
    ] {
        app.insert("lead", row).await;
    }
    (app, viewer)
}

/// Names of the rows that a condition keeps, joined.
async fn kept(viewer: &Actor, condition: &str) -> String {
    let query = format!(
        "{{ leads(filter: {condition}, orderBy: [{{field: NAME, direction: ASC}}]) {{ totalCount nodes {{ name }} }} }}"
    );
    let answer = viewer.query(&query).await;
    let names = answer.texts("leads.nodes", "name");
    assert_eq!(answer.number("leads.totalCount"), i64::try_from(names.len()).expect("few"));
    names.concat()
}

async fn expect(viewer: &Actor, cases: &[(&str, &str)]) {
    for (condition, names) in cases {
        assert_eq!(kept(viewer, condition).await, *names, "{condition}");
    }
}

#[tokio::test]
async fn text() {
    let (_app, viewer) = leads().await;
    expect(
        &viewer,
        &[
            ("{companyName: {eq: \"ALPHA LTD\"}}", "AB"),
            ("{companyName: {ne: \"alpha Ltd\"}}", "CDE"),
            ("{companyName: {in: [\"Alpha ltd\", \"nobody\"]}}", "AB"),
            ("{companyName: {in: []}}", ""),
            ("{companyName: {notIn: [\"Alpha ltd\"]}}", "CDE"),
            ("{companyName: {notIn: []}}", "ABCDE"),
            ("{companyName: {contains: \"LTD\"}}", "AB"),
            ("{companyName: {contains: \"%\"}}", "C"),
            ("{companyName: {contains: \"_\"}}", "C"),
            ("{companyName: {contains: \"\\\\\"}}", "D"),
            ("{companyName: {startsWith: \"al\"}}", "AB"),
            ("{companyName: {startsWith: \"ltd\"}}", ""),
            ("{companyName: {isNull: true}}", "E"),
            ("{companyName: {isNull: false}}", "ABCD"),
            ("{companyName: {startsWith: \"a\", contains: \"ltd\"}, name: {eq: \"a\"}}", "A"),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_and_ids() {
    let (_app, viewer) = leads().await;
    let rows = viewer.query("{ leads(orderBy: [{field: NAME, direction: ASC}]) { nodes { id number } } }").await;
    let (id, number) = (rows.text("leads.nodes.1.id"), rows.number("leads.nodes.1.number"));
    let foreign = viewer.query("{ viewer { staff { id } } }").await.text("viewer.staff.id");
    for (condition, names) in [
        (format!("{{number: {{eq: {number}}}}}"), "B"),
        (format!("{{number: {{ne: {number}}}}}"), "ACDE"),
        (format!("{{number: {{in: [{number}, 999]}}}}"), "B"),
        (format!("{{number: {{notIn: [{number}]}}}}"), "ACDE"),
        (format!("{{number: {{gt: {number}}}}}"), "CDE"),
        (format!("{{number: {{gte: {number}}}}}"), "BCDE"),
        (format!("{{number: {{lt: {number}}}}}"), "A"),
        (format!("{{number: {{lte: {number}}}}}"), "AB"),
        ("{number: {isNull: true}}".to_owned(), ""),
        (format!("{{id: {{eq: \"{id}\"}}}}"), "B"),
        (format!("{{id: {{ne: \"{id}\"}}}}"), "ACDE"),
        (format!("{{id: {{in: [\"{id}\", \"nonsense\"]}}}}"), "B"),
        (format!("{{id: {{notIn: [\"{id}\", \"nonsense\"]}}}}"), "ACDE"),
        // The id of a person is the id of no lead.
        (format!("{{id: {{eq: \"{foreign}\"}}}}"), ""),
    ] {
        assert_eq!(kept(&viewer, &condition).await, names, "{condition}");
    }
}

#[tokio::test]
async fn amounts_never_match_in_another_currency() {
    let (_app, viewer) = leads().await;
    expect(
        &viewer,
        &[
            ("{value: {eq: \"100\"}}", "A"),
            ("{value: {eq: 100.00}}", "A"),
            ("{value: {gt: \"100\"}}", "B"),
            ("{value: {gte: \"100\"}}", "AB"),
            ("{value: {lt: \"200\"}}", "A"),
            ("{value: {lte: \"200\"}}", "AB"),
            ("{value: {gte: \"1\", currency: \"USD\"}}", "C"),
            ("{value: {gte: \"1\", lt: \"150\", currency: \"eur\"}}", "A"),
            ("{value: {currency: \"USD\"}}", "C"),
            ("{value: {isNull: true}}", "DE"),
            ("{value: {isNull: false}}", "ABC"),
            ("{not: {value: {gte: \"1\"}}}", "CDE"),
        ],
    )
    .await;
}

#[tokio::test]
async fn instants_and_days_go_by_the_companys_clock() {
    let (app, viewer) = leads().await;
    expect(
        &viewer,
        &[
            ("{lastContactedAt: {eq: \"2026-05-10T12:00:00Z\"}}", "E"),
            ("{lastContactedAt: {eq: \"2026-05-10T14:00:00+02:00\"}}", "E"),
            // Lagos is an hour ahead.
            ("{lastContactedAt: {eq: \"2026-05-10T13:00:00\"}}", "E"),
            ("{lastContactedAt: {gt: \"2026-05-10T12:00:00Z\"}}", "D"),
            ("{lastContactedAt: {gte: \"2026-05-10T12:00:00Z\"}}", "DE"),
            ("{lastContactedAt: {lt: \"2026-05-18T23:30:00Z\"}}", "E"),
            ("{lastContactedAt: {lte: \"2026-05-18T23:30:00Z\"}}", "DE"),
            // Half past midnight of the 19th in Lagos.
            ("{lastContactedAt: {onOrAfter: \"2026-05-19\"}}", "D"),
            ("{lastContactedAt: {onOrBefore: \"2026-05-18\"}}", "E"),
            ("{lastContactedAt: {onOrBefore: \"2026-05-19\"}}", "DE"),
            ("{lastContactedAt: {withinDays: 1}}", "D"),
            ("{lastContactedAt: {withinDays: 9}}", "DE"),
            ("{lastContactedAt: {isNull: true}}", "ABC"),
        ],
    )
    .await;
    for (title, day) in
        [("V", json!("2026-04-30")), ("W", json!("2026-05-01")), ("X", json!("2026-05-31")), ("Y", Value::Null)]
    {
        app.insert("deal", json!({ "title": title, "expected_close_on": day })).await;
    }
    for (condition, titles) in [
        ("{eq: \"2026-05-01\"}", "W"),
        ("{gt: \"2026-05-01\"}", "X"),
        ("{gte: \"2026-05-01\"}", "WX"),
        ("{lt: \"2026-05-01\"}", "V"),
        ("{lte: \"2026-05-01\"}", "VW"),
        ("{inMonth: \"2026-05\"}", "WX"),
        ("{isNull: true}", "Y"),
        ("{isNull: false}", "VWX"),
    ] {
        let query = format!(
            "{{ deals(filter: {{expectedCloseOn: {condition}}}, orderBy: [{{field: TITLE, direction: ASC}}]) {{ nodes {{ title }} }} }}"
        );
        assert_eq!(viewer.query(&query).await.texts("deals.nodes", "title").concat(), titles, "{condition}");
    }
}

#[tokio::test]
async fn words_flags_and_relations() {
    let (_app, viewer) = leads().await;
    let number = viewer.number;
    let by_number = format!("{{owner: {{number: {{eq: {number}}}}}}}");
    assert_eq!(kept(&viewer, &by_number).await, "B");
    let not_by_number = format!("{{owner: {{number: {{ne: {number}}}}}}}");
    assert_eq!(kept(&viewer, &not_by_number).await, "ACDE");
    expect(
        &viewer,
        &[
            ("{state: {eq: OPEN}}", "ABCDE"),
            ("{state: {ne: OPEN}}", ""),
            ("{state: {in: [OPEN]}}", "ABCDE"),
            ("{state: {notIn: [OPEN]}}", ""),
            ("{isPublic: true}", "ABDE"),
            ("{isPublic: false}", "C"),
            ("{status: {name: {eq: \"warm\"}}}", "A"),
            ("{status: {name: {startsWith: \"W\"}}}", "A"),
            ("{status: {isNull: true}}", "BCDE"),
            ("{status: {isNull: false}}", "A"),
            ("{owner: {name: {contains: \"adm\"}}}", "B"),
            ("{owner: {isNull: false, name: {eq: \"nobody\"}}}", ""),
            ("{tenant: {name: {eq: \"daughter\"}}}", "E"),
            ("{tenant: {number: {in: [1]}}}", "ABCD"),
        ],
    )
    .await;
}

#[tokio::test]
async fn relations_of_many() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let ada = app.person(json!({ "name": "Ada" })).await;
    let one = app.insert("deal", json!({ "title": "One" })).await;
    app.insert("deal", json!({ "title": "Two" })).await;
    app.insert("deal_member", json!({ "deal_id": one, "staff_id": ada })).await;
    app.insert("deal_member", json!({ "deal_id": one, "staff_id": viewer.number })).await;
    for (condition, titles) in [
        (format!("{{number: {{eq: {ada}}}}}"), "One"),
        ("{name: {eq: \"ada\"}}".to_owned(), "One"),
        ("{name: {eq: \"nobody\"}}".to_owned(), ""),
        ("{isNull: true}".to_owned(), "Two"),
        ("{isNull: false}".to_owned(), "One"),
        ("{}".to_owned(), "OneTwo"),
    ] {
        let query = format!(
            "{{ deals(filter: {{members: {condition}}}, orderBy: [{{field: TITLE, direction: ASC}}]) {{ totalCount nodes {{ title }} }} }}"
        );
        let answer = viewer.query(&query).await;
        assert_eq!(answer.texts("deals.nodes", "title").concat(), titles, "{condition}");
    }
}

#[tokio::test]
async fn conditions_combine() {
    let (_app, viewer) = leads().await;
    expect(
        &viewer,
        &[
            ("{}", "ABCDE"),
            ("{name: {}}", "ABCDE"),
            ("{and: []}", "ABCDE"),
            ("{and: [{}]}", "ABCDE"),
            ("{or: [{name: {eq: \"a\"}}, {name: {eq: \"d\"}}]}", "AD"),
            ("{or: [{name: {eq: \"a\"}}, {}]}", "ABCDE"),
            ("{and: [{name: {ne: \"a\"}}, {name: {ne: \"b\"}}]}", "CDE"),
            ("{not: {name: {in: [\"a\", \"b\"]}}}", "CDE"),
            // What is missing does not equal, so its contrary holds.
            ("{not: {companyName: {contains: \"ltd\"}}}", "CDE"),
            ("{not: {}}", "ABCDE"),
        ],
    )
    .await;
    expect(
        &viewer,
        &[("{isPublic: true, or: [{name: {eq: \"c\"}}, {name: {eq: \"d\"}}], not: {value: {isNull: false}}}", "D")],
    )
    .await;
}

#[tokio::test]
async fn search_looks_into_its_columns() {
    let (app, viewer) = leads().await;
    app.insert("lead", json!({ "name": "F", "email": "Sales@Alpha.example", "phone": "+2348011223344" })).await;
    for (text, names) in [("ALPHA", "ABF"), ("80112", "F"), ("  ", "ABCDEF"), ("%", "C"), ("nothing", "")] {
        let query = "query($text: String) { leads(search: $text, orderBy: [{field: NAME, direction: ASC}]) { nodes { name } } }";
        let answer = viewer.query_with(query, json!({ "text": text })).await;
        assert_eq!(answer.texts("leads.nodes", "name").concat(), names, "{text}");
    }
    let client = app.insert("client", json!({ "name": "Zebra Foods" })).await;
    app.insert("deal", json!({ "title": "Shelves", "client_id": client })).await;
    let answer = viewer.query("{ deals(search: \"zebra\") { nodes { title } } }").await;
    assert_eq!(answer.texts("deals.nodes", "title"), ["Shelves"]);
}

#[tokio::test]
async fn a_null_operator_is_refused_by_its_path() {
    let (_app, viewer) = leads().await;
    for (condition, path) in [
        ("{name: {eq: null}}", "filter.name.eq"),
        ("{name: null}", "filter.name"),
        ("{owner: {number: {eq: null}}}", "filter.owner.number.eq"),
        ("{owner: {name: null}}", "filter.owner.name"),
        ("{and: [{name: {eq: \"a\"}}, {value: {gte: null}}]}", "filter.and.1.value.gte"),
        ("{not: {lastContactedAt: {gte: null}}}", "filter.not.lastContactedAt.gte"),
        ("{lastContactedAt: {gte: \"yesterday\"}}", "filter.lastContactedAt.gte"),
        ("{lastContactedAt: {withinDays: -1}}", "filter.lastContactedAt.withinDays"),
        ("{lastContactedAt: {onOrAfter: \"2026-02-30\"}}", "filter.lastContactedAt.onOrAfter"),
        ("{value: {eq: \"much\"}}", "filter.value.eq"),
        ("{value: {eq: \"1\", currency: \"XXXX\"}}", "filter.value"),
    ] {
        let answer = viewer.query(&format!("{{ leads(filter: {condition}) {{ nodes {{ id }} }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{condition}: {answer:?}");
        assert!(answer.message().contains(path), "{condition}: {}", answer.message());
    }
}

#[tokio::test]
async fn absent_variables_restrict_nothing() {
    let (_app, viewer) = leads().await;
    let query = "query($name: String, $filter: LeadFilter) { \
        a: leads(filter: {name: {eq: $name}}) { totalCount } b: leads(filter: $filter) { totalCount } }";
    let answer = viewer.query_with(query, json!({})).await;
    assert_eq!((answer.number("a.totalCount"), answer.number("b.totalCount")), (5, 5));
    let answer = viewer.query_with(query, json!({ "name": "a", "filter": { "name": { "eq": "b" } } })).await;
    assert_eq!((answer.number("a.totalCount"), answer.number("b.totalCount")), (1, 1));
}

/// Every list, every member of its filter, every operator, and every order in both directions and from a cursor:
/// whatever the schema offers runs.
#[tokio::test]
async fn whatever_is_offered_runs() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let mut failed = Vec::new();
    for field in SDL.fields("Query") {
        let (name, of) = (field.name.node.as_str(), innermost(&field.ty.node).to_owned());
        if name.starts_with("global") || !of.ends_with("Connection") {
            continue;
        }
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            let argument_type = innermost(&argument.node.ty.node);
            match argument.node.name.node.as_str() {
                "filter" => arguments.extend(conditions(argument_type).iter().map(|found| format!("filter: {found}"))),
                "orderBy" => arguments.extend(orders(argument_type).iter().map(|found| format!("orderBy: [{found}]"))),
                "search" => arguments.push("search: \"x%_y\"".to_owned()),
                _ => {}
            }
        }
        // Many at once: what costs here is one operation, not one list.
        for batch in arguments.chunks(20) {
            let lists = batch.iter().enumerate().map(|(index, argument)| {
                let count = if argument.starts_with("orderBy") { "" } else { "totalCount" };
                format!("l{index}: {name}(first: 2, {argument}) {{ {count} pageInfo {{ endCursor }} }}")
            });
            let answer = viewer.query(&format!("{{ {} }}", lists.collect::<Vec<_>>().join(" "))).await;
            for error in answer.json["errors"].as_array().into_iter().flatten() {
                failed.push(format!("{error}: {}", answer.query));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn conditions(filter: &str) -> Vec<String> {
    let mut found = vec!["{}".to_owned()];
    for member in SDL.members(filter) {
        let (name, of) = (member.name.node.as_str(), &member.ty.node);
        match (name, innermost(of)) {
            ("and" | "or", _) => found.push(format!("{{{name}: [{{}}, {{}}]}}")),
            ("not", _) => found.push("{not: {}}".to_owned()),
            (_, inner) if SDL.members(inner).is_empty() || inner == "RoleHolderFilter" => {
                found.push(format!("{{{name}: {}}}", SDL.sample(of)));
            }
            (_, inner) => found.extend(conditions(inner).into_iter().map(|below| format!("{{{name}: {below}}}"))),
        }
    }
    found
}

fn orders(order: &str) -> Vec<String> {
    let members = SDL.members(order);
    let field = members.iter().find(|member| member.name.node == "field").expect("orders name a field");
    let words = SDL.values(innermost(&field.ty.node));
    words
        .iter()
        .flat_map(|word| ["ASC", "DESC"].map(|direction| format!("{{field: {word}, direction: {direction}}}")))
        .collect()
}

#[tokio::test]
async fn more_than_a_database_takes_is_refused() {
    let (_app, viewer) = leads().await;
    let query = "query($filter: LeadFilter) { leads(filter: $filter) { totalCount } }";
    let named = |count: usize| json!(vec![json!({ "name": { "eq": "A", "ne": "B" } }); count]);
    let listed = |count: usize| json!({ "name": { "in": vec!["A"; count] } });
    for (filter, found) in
        [(json!({ "and": named(500) }), 1), (json!({ "or": [{ "and": named(499) }] }), 1), (listed(5000), 1)]
    {
        let answer = viewer.query_with(query, json!({ "filter": filter })).await;
        assert_eq!(answer.number("leads.totalCount"), found, "{answer:?}");
    }
    for (filter, said) in [
        (json!({ "and": named(501) }), "filter has at most 500 conditions, not 501."),
        (json!({ "not": { "or": [{ "and": named(501) }] } }), "filter has at most 500 conditions, not 501."),
        (listed(5001), "filter has at most 5000 values, not 5001."),
    ] {
        let answer = viewer.query_with(query, json!({ "filter": filter })).await;
        assert_eq!((answer.code(), answer.message()), ("BAD_USER_INPUT", said));
    }
    let search = "query($text: String) { leads(search: $text) { totalCount } }";
    assert_eq!(viewer.query_with(search, json!({ "text": "x".repeat(1000) })).await.number("leads.totalCount"), 0);
    let answer = viewer.query_with(search, json!({ "text": "x".repeat(1001) })).await;
    assert_eq!(answer.message(), "search has at most 1000 letters, not 1001.");
}
