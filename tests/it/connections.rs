//! Lists of the eight main types: every row once in both directions, in every order, while rows come in; limits.

use serde_json::{Value, json};

use crate::support::{Actor, TestApp, app::DAUGHTER};

/// A main type: list, table, the column of its text order and the order's name, and a further column with gaps.
struct Kind {
    field: &'static str,
    table: &'static str,
    text: (&'static str, &'static str),
    gaps: Option<Gaps>,
}

/// A column, its order, and its value in a row.
type Gaps = (&'static str, &'static str, fn(i64) -> Value);

/// Number of rows of each type.
const ROWS: i64 = 23;

const KINDS: [Kind; 8] = [
    Kind { field: "staff", table: "staff", text: ("name", "NAME"), gaps: None },
    Kind { field: "leads", table: "lead", text: ("name", "NAME"), gaps: Some(("value_minor", "VALUE", amount)) },
    Kind { field: "deals", table: "deal", text: ("title", "TITLE"), gaps: Some(("value_minor", "VALUE", amount)) },
    Kind { field: "tickets", table: "ticket", text: ("subject", "SUBJECT"), gaps: Some(("due_at", "DUE_AT", instant)) },
    Kind {
        field: "prospects",
        table: "prospect",
        text: ("name", "NAME"),
        gaps: Some(("company_name", "COMPANY_NAME", word)),
    },
    Kind {
        field: "clients",
        table: "client",
        text: ("name", "NAME"),
        gaps: Some(("balance_minor", "BALANCE", amount)),
    },
    Kind { field: "products", table: "product", text: ("name", "NAME"), gaps: None },
    Kind {
        field: "invoices",
        table: "invoice",
        text: ("document_number", "DOCUMENT_NUMBER"),
        gaps: Some(("due_on", "DUE_ON", day)),
    },
];

/// Few different values, so that most are equal to another; a third is missing.
fn gap(row: i64, value: impl FnOnce(i64) -> Value) -> Value {
    if row % 3 == 0 { Value::Null } else { value(row % 5) }
}

fn amount(row: i64) -> Value {
    gap(row, |part| json!(part * 1_000))
}

fn instant(row: i64) -> Value {
    gap(row, |part| json!(format!("2026-05-0{}T08:00:00.{part}00Z", part + 1)))
}

fn day(row: i64) -> Value {
    gap(row, |part| json!(format!("2026-06-0{}", part + 1)))
}

fn word(row: i64) -> Value {
    gap(row, |part| json!(["beta", "Alpha", "GAMMA", "alpha", "Beta"][usize::try_from(part).expect("small")]))
}

/// Text in mixed case, with equal values but for the case.
fn text(kind: &Kind, row: i64) -> Value {
    // Numbers of invoices are unique.
    let suffix = if kind.table == "invoice" { format!("-{row}") } else { String::new() };
    json!(format!("{}{suffix}", ["anna", "Bert", "ANNA", "_under", "Zoe"][usize::try_from(row % 5).expect("small")]))
}

fn row(kind: &Kind, number: i64) -> Value {
    let mut row = json!({ kind.text.0: text(kind, number) });
    if let Some((column, _, value)) = kind.gaps {
        row[column] = value(number);
        if let Some(money) = column.strip_suffix("_minor") {
            row[format!("{money}_currency")] = if row[column].is_null() { Value::Null } else { json!("EUR") };
        }
    }
    row
}

async fn filled(kind: &Kind) -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.insert_all(kind.table, (0..ROWS).map(|number| row(kind, number)).collect()).await;
    (app, viewer)
}

/// All rows of a list by pages, and what the pages say of their neighbours.
async fn walk(viewer: &Actor, field: &str, order: &str, is_backward: bool, size: usize) -> Vec<i64> {
    let (count, cursor) = if is_backward { ("last", "before") } else { ("first", "after") };
    let query = format!(
        "query($cursor: String) {{ {field}({count}: {size}, {cursor}: $cursor, orderBy: [{order}]) {{ \
         nodes {{ number }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let (mut all, mut at) = (Vec::new(), Value::Null);
    loop {
        let answer = viewer.query_with(&query, json!({ "cursor": at })).await;
        let mut page = answer.numbers(&format!("{field}.nodes"));
        assert!(page.len() <= size);
        let info = answer.data(&format!("{field}.pageInfo")).clone();
        let (more, next) = if is_backward {
            page.extend(all);
            all = page;
            ("hasPreviousPage", "startCursor")
        } else {
            all.extend(page);
            ("hasNextPage", "endCursor")
        };
        if info[more] != json!(true) {
            return all;
        }
        at = info[next].clone();
    }
}

#[tokio::test]
async fn every_row_comes_once_in_both_directions() {
    for kind in &KINDS {
        let (app, viewer) = filled(kind).await;
        let total = app.count(&format!("SELECT count(*) FROM {}", kind.table)).await;
        let total = usize::try_from(total).expect("few");
        let gaps = kind.gaps.map(|(_, order, _)| order);
        let orders = ["NUMBER", "CREATED_AT", kind.text.1].into_iter().chain(gaps);
        for order in orders {
            for direction in ["ASC", "DESC"] {
                let order = format!("{{field: {order}, direction: {direction}}}");
                let forward = walk(&viewer, kind.field, &order, false, 4).await;
                let mut once = forward.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!((once.len(), forward.len()), (total, total), "{} {order}", kind.field);
                let backward = walk(&viewer, kind.field, &order, true, 5).await;
                assert_eq!(forward, backward, "{} {order}", kind.field);
                let at_once = walk(&viewer, kind.field, &order, false, 100).await;
                assert_eq!(forward, at_once, "{} {order}", kind.field);
            }
        }
    }
}

#[tokio::test]
async fn text_goes_by_its_letters_whatever_their_case() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    for name in ["beta", "Alpha", "_x", "BETA", "alpha", "Beta"] {
        app.insert("product", json!({ "name": name })).await;
    }
    let answer = viewer.query("{ products(orderBy: [{field: NAME, direction: ASC}]) { nodes { name } } }").await;
    assert_eq!(answer.texts("products.nodes", "name"), ["_x", "Alpha", "alpha", "beta", "BETA", "Beta"]);
    let answer = viewer.query("{ products(orderBy: [{field: NAME, direction: DESC}]) { nodes { name } } }").await;
    assert_eq!(answer.texts("products.nodes", "name"), ["beta", "BETA", "Beta", "Alpha", "alpha", "_x"]);
}

#[tokio::test]
async fn missing_values_are_last_in_both_directions() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    for minor in [json!(300), Value::Null, json!(-100), json!(200)] {
        let currency = if minor.is_null() { Value::Null } else { json!("EUR") };
        app.insert("deal", json!({ "title": minor.to_string(), "value_minor": minor, "value_currency": currency }))
            .await;
    }
    for (direction, expected) in [("ASC", ["-100", "200", "300", "null"]), ("DESC", ["300", "200", "-100", "null"])] {
        let query = format!("{{ deals(orderBy: [{{field: VALUE, direction: {direction}}}]) {{ nodes {{ title }} }} }}");
        assert_eq!(viewer.query(&query).await.texts("deals.nodes", "title"), expected);
    }
}

#[tokio::test]
async fn pages_hold_still_while_rows_come_in() {
    for kind in &KINDS {
        let (app, viewer) = filled(kind).await;
        let order = format!("{{field: {}, direction: ASC}}", kind.text.1);
        let before = walk(&viewer, kind.field, &order, false, 100).await;
        let query = format!(
            "query($cursor: String) {{ {}(first: 5, after: $cursor, orderBy: [{order}]) {{ \
             nodes {{ number }} pageInfo {{ hasNextPage endCursor }} }} }}",
            kind.field
        );
        let (mut met, mut at) = (Vec::new(), Value::Null);
        for round in 0.. {
            let answer = viewer.query_with(&query, json!({ "cursor": at })).await;
            met.extend(answer.numbers(&format!("{}.nodes", kind.field)));
            if answer.data(&format!("{}.pageInfo.hasNextPage", kind.field)) != &json!(true) {
                break;
            }
            at = answer.data(&format!("{}.pageInfo.endCursor", kind.field)).clone();
            // One at the front, one at the end, one in the middle of what is equal.
            for name in ["!", "zzz", "anna"] {
                app.insert(kind.table, json!({ kind.text.0: format!("{name}{round}") })).await;
            }
        }
        let old: Vec<i64> = met.iter().copied().filter(|number| before.contains(number)).collect();
        assert_eq!(old, before, "{}", kind.field);
        let mut once = met.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), met.len(), "{}", kind.field);
    }
}

#[tokio::test]
async fn pages_tell_of_their_neighbours() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.insert_all("product", (0..5).map(|number| json!({ "name": format!("P{number}") })).collect()).await;
    let page = "edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let all = viewer.query(&format!("{{ products(first: 5) {{ {page} }} }}")).await;
    let cursor = |index: usize| all.text(&format!("products.edges.{index}.cursor"));
    assert_eq!(all.data("products.pageInfo.startCursor"), &json!(cursor(0)));
    assert_eq!(all.data("products.pageInfo.endCursor"), &json!(cursor(4)));
    for (arguments, names, has_next, has_previous) in [
        ("first: 5".to_owned(), vec!["P0", "P1", "P2", "P3", "P4"], false, false),
        ("first: 2".to_owned(), vec!["P0", "P1"], true, false),
        (format!("first: 2, after: \"{}\"", cursor(2)), vec!["P3", "P4"], false, true),
        ("last: 2".to_owned(), vec!["P3", "P4"], false, true),
        (format!("last: 2, before: \"{}\"", cursor(2)), vec!["P0", "P1"], true, false),
        ("first: 2, skip: 3".to_owned(), vec!["P3", "P4"], false, true),
        ("first: 0".to_owned(), vec![], true, false),
    ] {
        let answer = viewer.query(&format!("{{ products({arguments}) {{ {page} nodes {{ name }} }} }}")).await;
        assert_eq!(answer.texts("products.nodes", "name"), names, "{arguments}");
        let info = answer.data("products.pageInfo");
        assert_eq!(
            (&info["hasNextPage"], &info["hasPreviousPage"]),
            (&json!(has_next), &json!(has_previous)),
            "{arguments}"
        );
    }
    let nothing = viewer.query(&format!("{{ teams {{ {page} }} }}")).await;
    let info = nothing.data("teams.pageInfo");
    assert_eq!(
        info,
        &json!({ "hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null })
    );
}

#[tokio::test]
async fn what_is_no_page_is_refused_by_name() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.insert_all("lead", vec![json!({}), json!({})]).await;
    let cursor = viewer.query("{ leads(first: 1) { pageInfo { endCursor } } }").await.text("leads.pageInfo.endCursor");
    for (arguments, said) in [
        ("first: 101".to_owned(), "first"),
        ("last: 101".to_owned(), "last"),
        ("first: -1".to_owned(), "first"),
        ("first: 1, last: 1".to_owned(), "first or last"),
        (format!("after: \"{cursor}\", before: \"{cursor}\""), "after or before"),
        (format!("first: 1, before: \"{cursor}\""), "before"),
        (format!("last: 1, after: \"{cursor}\""), "after"),
        ("after: \"nonsense\"".to_owned(), "after"),
        ("before: \"W10\"".to_owned(), "before"),
        ("after: \"WzFd\", orderBy: [{field: NAME, direction: ASC}]".to_owned(), "after"),
        ("skip: 10001".to_owned(), "skip"),
        ("skip: -1".to_owned(), "skip"),
        (format!("skip: 1, after: \"{cursor}\""), "skip"),
    ] {
        let answer = viewer.query(&format!("{{ leads({arguments}) {{ nodes {{ id }} }} }}")).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}: {answer:?}");
        assert!(answer.message().contains(said), "{arguments}: {}", answer.message());
    }
    let hundred = viewer.query("{ leads(first: 100, skip: 10000) { nodes { id } } }").await;
    assert_eq!(hundred.data("leads.nodes"), &json!([]));
}

#[tokio::test]
async fn rows_are_counted_only_if_asked() {
    for kind in &KINDS {
        let (app, viewer) = filled(kind).await;
        app.insert(kind.table, json!({ "tenant_id": DAUGHTER, kind.text.0: "Far away" })).await;
        let total = app.count(&format!("SELECT count(*) FROM {}", kind.table)).await;
        let uncounted = format!("{{ {}(first: 2) {{ nodes {{ id }} }} }}", kind.field);
        let statements = app.statements_of(&viewer, &uncounted).await;
        assert_eq!(statements.len(), 1, "{statements:#?}");
        assert!(!statements[0].contains("count("), "{statements:#?}");
        let counted = format!("{{ {}(first: 2) {{ nodes {{ id }} totalCount }} }}", kind.field);
        assert_eq!(app.statements_of(&viewer, &counted).await.len(), 2);
        let answer = viewer.query(&counted).await;
        assert_eq!(answer.number(&format!("{}.totalCount", kind.field)), total);
    }
}
