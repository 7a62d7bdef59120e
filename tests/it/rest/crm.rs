//! What the CRM's contract says beside its answers: who may call what, whose prospects are seen, imports at the same
//! time, and the news of new prospects.

use chrono::TimeDelta;
use futures_util::future::join;
use http::Method;
use serde_json::{Value, json};

use super::cases::{Answer, Call, send};
use crate::support::{Actor, TestApp, app::HEAD_OFFICE, receiver::Receiver};

/// Endpoints and the permission that each needs.
const NEEDS: [(Method, &str, &str); 23] = [
    (Method::GET, "/prospects/grouped", "crm.prospects"),
    (Method::GET, "/prospects/list", "crm.prospects"),
    (Method::GET, "/prospects/activities?startDate=2026-05-01&endDate=2026-05-02", "crm.prospects"),
    (Method::GET, "/prospects/kpis", "crm.prospects"),
    (Method::GET, "/prospects/1", "crm.prospects"),
    (Method::PATCH, "/prospects/1/data", "crm.prospects"),
    (Method::PATCH, "/prospects/1/partner-data", "crm.partners"),
    (Method::POST, "/prospects/1/contacts", "crm.prospects"),
    (Method::PUT, "/prospects/1/contacts", "crm.prospects"),
    (Method::DELETE, "/prospects/1/contacts", "crm.prospects"),
    (Method::POST, "/prospects/1/notes", "crm.prospects"),
    (Method::PATCH, "/prospects/1/notes/1", "crm.prospects"),
    (Method::POST, "/prospects/1/locations", "crm.menu"),
    (Method::PUT, "/prospects/locations/1", "crm.menu"),
    (Method::DELETE, "/prospects/locations/1", "crm.menu"),
    (Method::GET, "/clients/1", "crm.prospects"),
    (Method::GET, "/clients/1/onboarding", "crm.prospects"),
    (Method::POST, "/clients/1/contacts", "crm.prospects"),
    (Method::POST, "/clients/1/notes", "crm.prospects"),
    (Method::PATCH, "/clients/1/data", "crm.prospects"),
    (Method::POST, "/clients/1/locations", "crm.menu"),
    (Method::PUT, "/clients/locations/1", "crm.menu"),
    (Method::DELETE, "/clients/locations/1", "crm.menu"),
];

/// A body that each endpoint takes the form of.
const BODY: &str = r#"{"isDefault": true, "name": "A name", "email": "a@x.example", "phone_code": "52", "phone": "5512345678",
    "note": "A note", "scheduled_date": null, "origin": "prospect", "link": "https://maps.example.com/", "type": "office",
    "url": "https://x.example/", "partner_type_id": 1, "partner_origin_id": 1, "rating": 1, "locale_id": 1}"#;

async fn call(app: &TestApp, actor: &Actor, method: Method, path: &str, body: &str) -> Answer {
    let path = format!("/api/crm{path}");
    send(app, Call { method, path, token: actor.token.as_deref(), body: body.into(), ..Call::default() }).await
}

async fn get(app: &TestApp, actor: &Actor, path: &str) -> Answer {
    call(app, actor, Method::GET, path, "").await
}

#[tokio::test]
async fn each_endpoint_needs_its_permission() {
    let app = TestApp::start().await;
    let words = ["crm.prospects", "crm.menu", "crm.partners"];
    for (index, (method, path, word)) in NEEDS.into_iter().enumerate() {
        let others: Vec<&str> = words.into_iter().filter(|other| *other != word).collect();
        for (name, held, is_refused) in [("without", &others[..], true), ("with", &[word][..], false)] {
            let actor = app.staff(&format!("{name} {index}"), held).await;
            let answer = call(&app, &actor, method.clone(), path, BODY).await;
            assert_eq!(answer.status == 403, is_refused, "{name} {word}: {method} {path}: {}", answer.text);
            assert!(!is_refused || answer.json["error"] == "Forbidden", "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn one_sees_ones_own_unless_one_may_see_all() {
    let app = TestApp::start().await;
    let own = app.staff("Own", &["crm.prospects"]).await;
    let all = app.staff("All", &["crm.prospects", "crm.all_prospects"]).await;
    let category = app.insert("follow_up_category", json!({ "key": "new_lead", "position": 1 })).await;
    for owner in [own.number, all.number] {
        let prospect = json!({ "kind": "PROSPECT", "owner_id": owner });
        let prospect = app.insert("prospect", prospect).await;
        let follow_up = json!({
            "prospect_id": prospect, "category_id": category, "account_value_minor": 100, "account_value_currency": "EUR",
        });
        app.insert("follow_up", follow_up).await;
    }
    for (actor, count) in [(&own, 1), (&all, 2)] {
        let board = get(&app, actor, "/prospects/grouped").await;
        assert_eq!(board.json["categories"][0]["count"], count, "{}", board.text);
        assert_eq!(board.json["categories"][0]["records"].as_array().map(Vec::len), Some(count), "{}", board.text);
        let figures = get(&app, actor, "/prospects/kpis").await;
        assert_eq!((&figures.json[0]["count"], &figures.json[0]["total_value"]), (&json!(count), &json!(count)));
        let list = get(&app, actor, "/prospects/list").await;
        assert_eq!((&list.json["recordsTotal"], &list.json["recordsFiltered"]), (&json!(count), &json!(count)));
        for list in ["grouped", "list", "kpis"] {
            for condition in ["salesman=1", "startDate=2026-05-01", "endDate=2026-05-01"] {
                let answer = get(&app, actor, &format!("/prospects/{list}?{condition}")).await;
                let status = if count == 1 { 403 } else { 200 };
                assert_eq!(answer.status, status, "{list}?{condition}: {}", answer.text);
            }
        }
    }
    // Of the prospects of others nothing is told.
    assert_eq!(get(&app, &own, "/prospects/2").await.status, 404);
    let changed = call(&app, &own, Method::PATCH, "/prospects/2", r#"{"name": "Mine"}"#).await;
    assert_eq!(changed.status, 404, "{}", changed.text);
}

#[tokio::test]
async fn the_calendar_is_open_to_everybody_and_shows_ones_own() {
    let app = TestApp::start().await;
    let own = app.staff("Own", &["crm.prospects"]).await;
    let all = app.staff("All", &["crm.prospects", "crm.all_prospects"]).await;
    for actor in [&own, &all] {
        let prospect = app.insert("prospect", json!({ "kind": "PROSPECT", "owner_id": actor.number })).await;
        let note = json!({
            "prospect_id": prospect, "text": "Call", "scheduled_at": "2026-05-20T09:00:00Z", "created_by_id": actor.number,
        });
        app.insert("note", note).await;
    }
    for (actor, count) in [(&own, 1), (&all, 2)] {
        let answer = get(&app, actor, "/prospects/activities?startDate=2026-05-20&endDate=2026-05-20").await;
        assert_eq!((answer.status, answer.json.as_array().map(Vec::len)), (200, Some(count)), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_page_has_25_rows_unless_said_otherwise() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let category = app.insert("follow_up_category", json!({ "key": "new_lead", "position": 1 })).await;
    for number in 0..30 {
        let prospect =
            app.insert("prospect", json!({ "kind": "PROSPECT", "company_name": format!("C{number}") })).await;
        // The first ones were never talked to.
        let talked = (number >= 10).then(|| format!("2026-05-01T08:{number}:00Z"));
        app.insert("follow_up", json!({ "prospect_id": prospect, "category_id": category, "last_contact_at": talked }))
            .await;
    }
    let list = get(&app, &admin, "/prospects/list").await;
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(25), "{}", list.text);
    assert_eq!(list.json["data"][0]["company_name"], "C29");
    let board = get(&app, &admin, "/prospects/grouped").await;
    assert_eq!(board.json["categories"][0]["records"].as_array().map(Vec::len), Some(25));
    assert_eq!(board.json["categories"][0]["count"], 30);
    // Pages follow each other without gaps, past the last one that was talked to.
    let mut seen = Vec::new();
    for start in (0..30).step_by(7) {
        let page = get(&app, &admin, &format!("/prospects/list?start={start}&length=7")).await;
        let rows = page.json["data"].as_array().expect("rows").clone();
        seen.extend(rows.iter().map(|row| row["company_name"].as_str().expect("a name").to_owned()));
    }
    let expected: Vec<String> = (10..30).rev().chain(0..10).map(|number| format!("C{number}")).collect();
    assert_eq!(seen, expected);
    // And so by cursor.
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = admin
            .query(&format!(
                "{{ prospects(first: 7, orderBy: [{{field: LAST_CONTACT_AT, direction: DESC}}]{after}) \
             {{ nodes {{ companyName }} pageInfo {{ endCursor }} }} }}"
            ))
            .await;
        seen.extend(page.texts("prospects.nodes", "companyName"));
        after = format!(", after: {}", page.data("prospects.pageInfo.endCursor"));
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn figures_are_those_of_the_board() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for (index, key) in ["new_lead", "contacted"].into_iter().enumerate() {
        app.insert("follow_up_category", json!({ "key": key, "position": index })).await;
    }
    for index in 0..40 {
        let kind = ["PROSPECT", "CLIENT", "PARTNER"][index % 3];
        let row = json!({ "kind": kind, "owner_id": admin.number, "company_name": format!("C{}", index % 5) });
        let prospect = app.insert("prospect", row).await;
        let follow_up = json!({
            "prospect_id": prospect, "category_id": 1 + index % 2, "account_value_minor": 100 * index,
            "account_value_currency": "EUR", "lead_status": "warm",
        });
        app.insert("follow_up", follow_up).await;
    }
    for condition in
        ["", "search=C3", "source=partner", "type=2", "follow=2", "category=1&search=C1", "type=1,2&search=C"]
    {
        let board = get(&app, &admin, &format!("/prospects/grouped?report=true&{condition}")).await;
        let figures = get(&app, &admin, &format!("/prospects/kpis?{condition}")).await;
        let of_board: Vec<Value> = board.json["categories"]
            .as_array()
            .expect("a board")
            .iter()
            .map(|column| {
                let records = column["records"].as_array().expect("records");
                let value: f64 = records.iter().map(|record| record["account_value"].as_f64().unwrap_or(0.0)).sum();
                json!([column["id"], records.len(), column["count"], value])
            })
            .collect();
        let of_figures: Vec<Value> = figures
            .json
            .as_array()
            .expect("figures")
            .iter()
            .map(|figure| {
                json!([figure["category_id"], figure["count"], figure["count"], figure["total_value"].as_f64()])
            })
            .collect();
        assert_eq!(of_board, of_figures, "{condition}");
    }
}

#[tokio::test]
async fn two_imports_at_once_make_each_prospect_once() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let rows: Vec<Value> = (0..25).map(|index| json!({ "email": format!("p{index}@x.example") })).collect();
    let rows = Value::from(rows).to_string();
    let import = || call(&app, &admin, Method::POST, "/prospects", &rows);
    let (one, two) = join(import(), import()).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text, two.text);
    assert_eq!(app.count("SELECT count(*) FROM prospect").await, 25);
}

#[tokio::test]
async fn new_prospects_are_announced_after_the_commit() {
    let receiver = Receiver::start().await;
    let app = TestApp::builder()
        .set("outside.allow_private_addresses", "true")
        .set("outside.announcements.url", &receiver.url())
        .set("outside.announcements.key", "a key")
        .start()
        .await;
    let admin = app.administrator().await;
    receiver.answer(503, None);
    let rows = r#"[{"name": "Anna", "email": "anna@x.example"}, {"name": "Paula", "type": 3, "email": "paula@x.example"}, {"email": "nothing"}]"#;
    let made = call(&app, &admin, Method::POST, "/prospects", rows).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert!(receiver.take().is_empty(), "nobody waits for the service");
    assert_eq!(app.deliver().await, 1, "a partner is no news, and neither is a row that was refused");
    let first = receiver.take();
    receiver.answer(202, None);
    app.pass(TimeDelta::minutes(1));
    assert_eq!(app.deliver().await, 1);
    let second = receiver.take();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].header("idempotency-key"), second[0].header("idempotency-key"));
    assert_eq!(second[0].header("authorization"), "Bearer a key");
    let news = second[0].json();
    assert_eq!(
        (&news["type"], &news["name"], &news["email"]),
        (&json!("prospect.created"), &json!("Anna"), &json!("anna@x.example"))
    );
    assert_eq!(news["id"], made.json["inserts"][0]["id"]);
    app.pass(TimeDelta::hours(1));
    assert_eq!(app.deliver().await, 0);
    // A whole import that fails leaves nothing to tell.
    let again = call(&app, &admin, Method::POST, "/prospects", r#"[{"email": "anna@x.example"}]"#).await;
    assert_eq!((again.status, app.deliver().await), (409, 0));
    let shown = admin.query("{ deliveries(filter: {kind: {eq: ANNOUNCEMENT}}) { nodes { status } } }").await;
    assert_eq!(shown.texts("deliveries.nodes", "status"), ["DELIVERED"]);
    assert_eq!(app.count(&format!("SELECT count(*) FROM delivery WHERE tenant_id = {HEAD_OFFICE}")).await, 1);
}
