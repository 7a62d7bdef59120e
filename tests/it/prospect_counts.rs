//! Counts and sums of prospects are those of the rows, whatever is asked for and whatever happened before: PostgreSQL
//! answers most of them from a tally.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Actor, TestApp};

/// Conditions that the tally knows.
const TALLIED: [&str; 17] = [
    "",
    "kind: {in: [PROSPECT, CLIENT]}",
    "and: [{kind: {in: [PROSPECT]}}, {kind: {notIn: [CLIENT]}}], not: {kind: {eq: PARTNER}}",
    "owner: {number: {eq: 1}}",
    "createdAt: {onOrAfter: \"2026-05-19\"}",
    "createdAt: {onOrAfter: \"2026-05-18\", onOrBefore: \"2026-05-18\"}, kind: {eq: PROSPECT}",
    "followUp: {category: {number: {in: [1, 3]}}}",
    "followUp: {ecommerceType: {listNumber: {in: [7]}}}",
    "followUp: {campaign: {name: {in: [\"spring\"]}}, category: {number: {eq: 1}}}, owner: {number: {eq: 1}}",
    "followUp: {leadStatus: {in: [\"WARM\", \"cold\"]}}",
    "followUp: {leadStatus: {ne: \"warm\"}}",
    "followUp: {hasRecharge: false}",
    "followUp: {monthlyShipments: {gte: 30}}",
    "followUp: {monthlyShipments: {isNull: true}}",
    "followUp: {accountType: {eq: SME}}",
    "followUp: {nextContactOn: {gte: \"2026-05-20\", lte: \"2026-05-25\"}}",
    "followUp: {estimatedCloseOn: {inMonth: \"2026-06\"}}",
];

/// Conditions that it does not.
const COUNTED: [&str; 8] = [
    "owner: {number: {eq: 1}}, createdAt: {onOrAfter: \"2026-05-19\"}",
    "createdAt: {gte: \"2026-05-18T10:30:00Z\"}",
    "followUp: {hasRecharge: false, monthlyShipments: {gte: 30}}",
    "followUp: {category: {isNull: true}}",
    "followUp: {roleHolders: [{role: \"kae\", staff: {number: {eq: 1}}}]}",
    "or: [{followUp: {hasRecharge: true}}, {kind: {eq: PARTNER}}]",
    "companyName: {startsWith: \"c1\"}",
    "isActive: true",
];

/// An instance with prospects of all kinds, some without a follow-up.
async fn crowded() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for place in 1..=3 {
        app.insert("follow_up_category", json!({ "key": format!("c{place}"), "position": place })).await;
    }
    for (list, value) in [("Ecommerce Types", "Shop"), ("Campaigns", "Spring"), ("Account Roles", "kae")] {
        let list = app.insert("lookup_category", json!({ "name": list })).await;
        app.insert("lookup_value", json!({ "category_id": list, "name": value, "list_number": 7, "is_active": true }))
            .await;
    }
    let other = app.person(json!({ "name": "Other" })).await;
    for number in 0..40 {
        let row = json!({
            "kind": (["PROSPECT", "CLIENT", "PARTNER"][number % 3]), "company_name": format!("C{number}"),
            "owner_id": ([json!(1), json!(other), json!(null)][number % 5 % 3]),
            "created_at": format!("2026-05-{}T{:02}:15:00Z", 17 + number % 3, 5 + number % 19),
        });
        let prospect = app.insert("prospect", row).await;
        if number % 10 == 9 {
            continue;
        }
        let follow_up = app.insert("follow_up", follow_up(prospect, number)).await;
        if number % 4 == 0 {
            let holder = json!({ "follow_up_id": follow_up, "role_id": 3, "staff_id": 1 });
            app.insert("follow_up_role_holder", holder).await;
        }
    }
    (app, admin)
}

fn follow_up(prospect: i64, number: usize) -> serde_json::Value {
    json!({
        "prospect_id": prospect, "category_id": (!number.is_multiple_of(7)).then_some(1 + number % 3),
        "account_value_minor": 100 * number, "account_value_currency": (["EUR", "USD"][number % 2]),
        "ecommerce_type_id": number.is_multiple_of(2).then_some(1), "campaign_id": (!number.is_multiple_of(5)).then_some(2),
        "lead_status": ([json!("warm"), json!("Cold"), json!(null)][number % 3]), "has_recharge": number.is_multiple_of(4),
        "monthly_shipments": (!number.is_multiple_of(6)).then_some(number * 2), "account_type": "SME",
        "next_contact_on": format!("2026-05-{}", 19 + number % 9), "estimated_close_on": format!("2026-0{}-01", 5 + number % 3),
    })
}

/// The number of rows by each condition, as counted and as listed, and the same on the board.
async fn compare(actor: &Actor, when: &str) {
    for filter in TALLIED.iter().chain(&COUNTED) {
        let list = format!("prospects(first: 100, filter: {{{filter}}}) {{ totalCount nodes {{ number }} }}");
        let rows = "nodes { followUp { accountValue { amountMinor currency } } }";
        let board = format!(
            "prospectBoard(filter: {{{filter}}}) {{ count value {{ amountMinor }} prospects(first: 100) {{ {rows} }} }}"
        );
        let answer = actor.query(&format!("{{ {list} {board} }}")).await;
        let listed = answer.data("prospects.nodes").as_array().expect("rows").len();
        assert_eq!(*answer.data("prospects.totalCount"), json!(listed), "{when}: {filter}");
        for column in answer.data("prospectBoard").as_array().expect("columns") {
            let rows = column["prospects"]["nodes"].as_array().expect("rows");
            let values = rows.iter().map(|row| &row["followUp"]["accountValue"]);
            let value: i64 = values
                .filter(|value| value["currency"] == "EUR")
                .filter_map(|value| value["amountMinor"].as_i64())
                .sum();
            assert_eq!(
                (&column["count"], &column["value"]["amountMinor"]),
                (&json!(rows.len()), &json!(value)),
                "{when}: {filter}"
            );
        }
    }
}

#[tokio::test]
async fn counts_follow_every_change() {
    let (app, admin) = crowded().await;
    compare(&admin, "at first").await;
    for (change, input) in [
        ("createProspect", "{contactName: \"New\", kind: PARTNER}"),
        (
            "createProspects",
            "{rows: [{contactName: \"A\", monthlyShipments: 40}, {companyName: \"B\", followUpCategory: 2}]}",
        ),
        ("updateProspect", "{prospect: {number: 1}, kind: CLIENT}"),
        ("updateProspect", "{prospect: {number: 2}, owner: {number: 1}, contactName: \"Named\"}"),
        (
            "updateFollowUp",
            "{prospect: {number: 3}, category: {number: 2}, accountValue: {amount: \"7\"}, leadStatus: \"warm\"}",
        ),
        ("updateFollowUp", "{prospect: {number: 10}, channel: \"made by this\", monthlyShipments: 90}"),
        ("addNote", "{prospect: {number: 4}, text: \"Moves it\", followUpCategory: {number: 3}}"),
        ("deleteProspect", "{prospect: {number: 5}}"),
    ] {
        admin.done(&format!("{change}(input: {input}) {{ errors {{ code field message }} }}")).await;
        compare(&admin, &format!("{change} {input}")).await;
    }
    app.execute("UPDATE prospect SET owner_id = 1 WHERE id % 3 = 0").await;
    app.execute("UPDATE follow_up SET category_id = 1, has_recharge = TRUE WHERE prospect_id % 4 = 0").await;
    app.execute("DELETE FROM follow_up WHERE prospect_id % 11 = 0").await;
    app.execute("DELETE FROM follow_up_role_holder").await;
    app.execute("DELETE FROM prospect WHERE id = 7").await;
    compare(&admin, "statements on many rows").await;
    if app.is_postgres() {
        app.execute("SELECT fold_prospect_tally()").await;
        compare(&admin, "summed up").await;
        assert_eq!(app.count("SELECT count(*) FROM prospect_tally WHERE NOT is_folded OR prospects = 0").await, 0);
    }
}

#[tokio::test]
async fn counts_hold_when_changes_meet() {
    let (_app, admin) = crowded().await;
    let change = |number: i64, round: i64| {
        let party = format!("prospect: {{number: {}}}", 1 + number % 4);
        let change = match (number / 4 + round) % 3 {
            0 => format!(
                "updateProspect(input: {{{party}, kind: {}}})",
                ["PROSPECT", "PARTNER"][usize::from(round % 2 == 0)]
            ),
            1 => format!("updateFollowUp(input: {{{party}, category: {{number: {}}}}})", 1 + round % 3),
            _ => format!("addNote(input: {{{party}, text: \"x\", followUpCategory: {{number: {}}}}})", 1 + number % 3),
        };
        format!("{change} {{ errors {{ code field message }} }}")
    };
    for round in 0..6 {
        let changes: Vec<String> = (0..12).map(|number| change(number, round)).collect();
        join_all(changes.iter().map(|change| admin.done(change))).await;
    }
    compare(&admin, "after changes at the same time").await;
}

#[tokio::test]
async fn most_conditions_need_no_counting() {
    let (app, admin) = crowded().await;
    if !app.is_postgres() {
        // SQLite has no tally: it is for one desk, not for a million rows.
        return;
    }
    let own = app.staff("Own", &["crm.prospects"]).await;
    let is_tallied = async |actor: &Actor, filter: &str| {
        let query = format!("{{ prospects(filter: {{{filter}}}) {{ totalCount }} }}");
        app.statements_of(actor, &query).await.iter().any(|sql| sql.contains("prospect_tally"))
    };
    for filter in TALLIED {
        assert!(is_tallied(&admin, filter).await, "{filter}");
        let is_by_owner = filter.contains("owner") || filter.contains("createdAt");
        assert!(is_by_owner || is_tallied(&own, filter).await, "{filter}");
    }
    for filter in COUNTED {
        assert!(!is_tallied(&admin, filter).await, "{filter}");
    }
}

#[tokio::test]
async fn the_board_refuses_what_the_list_refuses() {
    let (_app, admin) = crowded().await;
    let many = vec!["A"; 2_600];
    for (filter, said) in [
        (json!({ "followUp": null }), "filter.followUp must not be null; leave it out instead."),
        (
            json!({ "followUp": { "leadStatus": null } }),
            "filter.followUp.leadStatus must not be null; leave it out instead.",
        ),
        (
            json!({ "name": { "in": many }, "followUp": { "leadStatus": { "in": many } } }),
            "filter has at most 5000 values, not 5200.",
        ),
    ] {
        for field in ["prospects(filter: $filter) { totalCount }", "prospectBoard(filter: $filter) { count }"] {
            let query = format!("query($filter: ProspectFilter) {{ {field} }}");
            let answer = admin.query_with(&query, json!({ "filter": filter })).await;
            assert_eq!((answer.code(), answer.message()), ("BAD_USER_INPUT", said), "{field}");
        }
    }
}
