//! Who sees which rows, by every way in which rows can be met.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
};

/// Everything but the sight of other companies.
fn words() -> Vec<&'static str> {
    groupgraph_schema::permission::WORDS.iter().map(|(word, _)| *word).filter(|word| *word != "tenants.all").collect()
}

/// Lists of rows that belong to a company, as root fields.
const LISTS: [&str; 14] = [
    "staff",
    "leads",
    "deals",
    "tickets",
    "prospects",
    "clients",
    "products",
    "invoices",
    "payments",
    "tasks",
    "announcements",
    "activityLogs",
    "optOuts",
    "notes",
];
/// The same as settings.
const SETTINGS: [&str; 9] = [
    "departments",
    "leadStatuses",
    "leadSources",
    "pipelines",
    "stages",
    "followUpCategories",
    "priceLists",
    "goals",
    "sources",
];
/// Look-ups of one row by type.
const ONES: [(&str, &str); 14] = [
    ("staffMember", "Staff"),
    ("lead", "Lead"),
    ("deal", "Deal"),
    ("ticket", "Ticket"),
    ("prospect", "Prospect"),
    ("client", "Client"),
    ("product", "Product"),
    ("productCategory", "ProductCategory"),
    ("invoice", "Invoice"),
    ("payment", "Payment"),
    ("task", "Task"),
    ("announcement", "Announcement"),
    ("team", "Team"),
    ("tenant", "Tenant"),
];

#[tokio::test]
async fn other_companies_are_not_there() {
    let app = TestApp::start().await;
    let there = app.person(json!({ "name": "There", "tenant_id": DAUGHTER })).await;
    let world = app.world(DAUGHTER, there).await;
    let here = app.staff("Here", &words()).await;
    let mut seen = Vec::new();
    for list in LISTS {
        let answer = here.query(&format!("{{ {list} {{ totalCount nodes {{ id }} }} }}")).await;
        let own = usize::from(list == "staff");
        let count = answer.data(&format!("{list}.nodes")).as_array().expect("a list").len();
        if count != own || answer.number(&format!("{list}.totalCount")) != i64::try_from(own).expect("few") {
            seen.push(list);
        }
    }
    for list in SETTINGS {
        if here.query(&format!("{{ {list} {{ id }} }}")).await.data(list) != &json!([]) {
            seen.push(list);
        }
    }
    for (field, of) in ONES {
        let (number, id) = (world.number(of), app.id(of, world.number(of)));
        for by in [format!("number: {number}"), format!("id: \"{id}\"")] {
            if !here.query(&format!("{{ {field}(by: {{{by}}}) {{ id }} }}")).await.data(field).is_null() {
                seen.push(field);
            }
        }
    }
    for (field, group) in
        [("leadCounts", "STATE"), ("dealTotals", "STATUS"), ("ticketCounts", "STATUS"), ("invoiceTotals", "STATUS")]
    {
        if here.query(&format!("{{ {field}(groupBy: [{group}]) {{ count }} }}")).await.data(field) != &json!([]) {
            seen.push(field);
        }
    }
    for field in ["prospectBoard { category { name } count }", "closestClient(name: \"A client\") { id }"] {
        let answer = here.query(&format!("{{ {field} }}")).await;
        let name = field.split([' ', '(']).next().expect("a name");
        let value = answer.data(name);
        if !value.is_null() && value != &json!([]) {
            seen.push(name);
        }
    }
    assert_eq!(seen, Vec::<&str>::new());
    let tenants = here.query("{ tenants { nodes { name } totalCount } viewer { tenants { name } } }").await;
    assert_eq!(tenants.texts("tenants.nodes", "name"), ["Head Office"]);
    assert_eq!(tenants.texts("viewer.tenants", "name"), ["Head Office"]);
}

#[tokio::test]
async fn mapped_people_reach_both_companies() {
    let app = TestApp::start().await;
    app.insert("lead", json!({ "name": "Here" })).await;
    app.insert("lead", json!({ "name": "There", "tenant_id": DAUGHTER })).await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let query = "{ leads(orderBy: [{field: NAME, direction: ASC}]) { nodes { name } } }";
    assert_eq!(rep.query(query).await.texts("leads.nodes", "name"), ["Here"]);
    let mapping = json!({ "staff_id": rep.number, "tenant_id": DAUGHTER, "remote_staff_number": 4 });
    app.insert("staff_mapping", mapping).await;
    // The hub has not heard of it: what was read of a credential counts for a second.
    app.pass(TimeDelta::seconds(1));
    assert_eq!(rep.query(query).await.texts("leads.nodes", "name"), ["Here", "There"]);
    let all = app.staff("Auditor", &["leads.read", "tenants.all"]).await;
    assert_eq!(all.query(query).await.texts("leads.nodes", "name"), ["Here", "There"]);
    let machine = app.machine(&["leads.read"]).await;
    assert_eq!(machine.query(query).await.texts("leads.nodes", "name"), ["Here", "There"]);
}

/// Names of leads by every way to them.
async fn leads_by_all_ways(app: &TestApp, viewer: &Actor, lead: i64, note: i64) -> Vec<bool> {
    let (id, note) = (app.id("Lead", lead), app.id("Note", note));
    let answer = viewer
        .query(&format!(
            "{{ leads {{ totalCount nodes {{ name }} }} lead(by: {{number: {lead}}}) {{ name }} node(id: \"{id}\") {{ id }} \
             note: node(id: \"{note}\") {{ id }} leadCounts(groupBy: []) {{ count }} }}"
        ))
        .await;
    vec![
        answer.number("leads.totalCount") == 1 && !answer.texts("leads.nodes", "name").is_empty(),
        !answer.data("lead").is_null(),
        !answer.data("node").is_null(),
        !answer.data("note").is_null(),
        answer.number("leadCounts.0.count") == 1,
    ]
}

#[tokio::test]
async fn leads_are_public_or_ones_own() {
    let app = TestApp::start().await;
    let owner = app.staff("Owner", &["leads.read", "leads.write"]).await;
    let other = app.staff("Other", &["leads.read", "leads.write"]).await;
    let boss = app.staff("Boss", &["leads.read", "leads.all"]).await;
    let machine = app.machine(&["leads.read"]).await;
    let lead = app.insert("lead", json!({ "name": "Secret", "is_public": false, "owner_id": owner.number })).await;
    let note = app.insert("note", json!({ "lead_id": lead })).await;
    for (viewer, sees) in [(&owner, true), (&other, false), (&boss, true), (&machine, true)] {
        assert_eq!(leads_by_all_ways(&app, viewer, lead, note).await, [sees; 5]);
    }
    let hidden = format!("deleteLead(input: {{lead: {{number: {lead}}}}})");
    assert_eq!(other.failures(&hidden).await, [("NOT_FOUND".to_owned(), "lead".to_owned())]);
    let update = format!("updateLead(input: {{lead: {{number: {lead}}}, companyName: \"Mine\"}})");
    assert_eq!(other.failures(&update).await, [("NOT_FOUND".to_owned(), "lead".to_owned())]);
    let add = format!("addNote(input: {{lead: {{number: {lead}}}, text: \"Hello\"}})");
    assert_eq!(other.failures(&add).await, [("NOT_FOUND".to_owned(), "lead".to_owned())]);
    app.execute(&format!("UPDATE lead SET owner_id = NULL, created_by_id = {} WHERE id = {lead}", other.number)).await;
    assert_eq!(leads_by_all_ways(&app, &other, lead, note).await, [true; 5]);
    assert_eq!(leads_by_all_ways(&app, &owner, lead, note).await, [false; 5]);
    app.execute("UPDATE lead SET is_public = TRUE").await;
    assert_eq!(leads_by_all_ways(&app, &owner, lead, note).await, [true; 5]);
    app.execute("UPDATE lead SET deleted_at = created_at").await;
    assert_eq!(leads_by_all_ways(&app, &boss, lead, note).await, [false; 5]);
}

#[tokio::test]
async fn prospects_are_ones_own() {
    let app = TestApp::start().await;
    let owner = app.staff("Owner", &["crm.prospects"]).await;
    let other = app.staff("Other", &["crm.prospects", "deals.read"]).await;
    let boss = app.staff("Boss", &["crm.prospects", "crm.all_prospects"]).await;
    let prospect = app.insert("prospect", json!({ "name": "Secret", "owner_id": owner.number })).await;
    let contact = app.insert("contact", json!({ "name": "Friend", "prospect_id": prospect })).await;
    app.insert("deal", json!({ "prospect_id": prospect })).await;
    let (id, contact) = (app.id("Prospect", prospect), app.id("Contact", contact));
    let query = format!(
        "{{ prospects {{ totalCount }} prospect(by: {{name: \"secret\"}}) {{ id }} node(id: \"{id}\") {{ id }} \
         contact: node(id: \"{contact}\") {{ id }} }}"
    );
    for (viewer, sees) in [(&owner, true), (&other, false), (&boss, true)] {
        let answer = viewer.query(&query).await;
        assert_eq!(answer.number("prospects.totalCount"), i64::from(sees));
        for path in ["prospect", "node", "contact"] {
            assert_eq!(!answer.data(path).is_null(), sees, "{path}");
        }
    }
    let deals = other.query("{ deals { nodes { title prospect { name } } } }").await;
    assert_eq!(deals.data("deals.nodes"), &json!([{ "title": "A deal", "prospect": null }]));
    for filter in ["{prospect: {name: {eq: \"secret\"}}}", "{prospect: {name: {startsWith: \"s\"}}}"] {
        let probed = other.query(&format!("{{ deals(filter: {filter}) {{ totalCount }} }}")).await;
        assert_eq!(probed.number("deals.totalCount"), 0, "{filter} tells of a hidden name");
    }
}

#[tokio::test]
async fn names_of_unreadable_rows_are_not_told() {
    let app = TestApp::start().await;
    let client = app.insert("client", json!({ "name": "Zebra Foods" })).await;
    app.insert("deal", json!({ "client_id": client })).await;
    app.insert("deal", json!({ "title": "Another" })).await;
    let viewer = app.staff("Rep", &["deals.read"]).await;
    let answer = viewer.query("{ deals(filter: {client: {isNull: false}}) { nodes { title client { name } } } }").await;
    assert_eq!(answer.data("deals.nodes.0.client"), &Value::Null);
    for condition in ["filter: {client: {name: {startsWith: \"z\"}}}", "search: \"zebra\""] {
        let answer = viewer.query(&format!("{{ deals({condition}) {{ totalCount }} }}")).await;
        assert_eq!(answer.number("deals.totalCount"), 0, "{condition}");
    }
}

#[tokio::test]
async fn the_viewers_lists_need_the_same_words() {
    let app = TestApp::start().await;
    let nobody = app.staff("Nobody", &[]).await;
    app.world(HEAD_OFFICE, nobody.number).await;
    app.execute(&format!("UPDATE client SET created_by_id = {}", nobody.number)).await;
    for list in ["leads", "deals", "clients", "tickets", "tasks"] {
        let answer = nobody.query(&format!("{{ viewer {{ {list} {{ totalCount nodes {{ id }} }} }} }}")).await;
        assert_eq!(answer.number(&format!("viewer.{list}.totalCount")), 0, "{list}");
    }
    let own = nobody
        .query(
            "{ viewer { staff { name } token { name } permissions tenants { name } notifications { totalCount } \
                reminders { totalCount } accessTokens { name } unitsAchieved } }",
        )
        .await;
    assert_eq!(own.text("viewer.staff.name"), "Nobody");
    assert_eq!(own.text("viewer.token.name"), "Nobody");
    assert_eq!(own.data("viewer.permissions"), &json!([]));
    assert_eq!(own.number("viewer.notifications.totalCount"), 1);
    let mut tokens = own.texts("viewer.accessTokens", "name");
    tokens.sort();
    assert_eq!(tokens, ["A token", "Nobody"]);
}

#[tokio::test]
async fn notifications_tokens_and_drafts_of_others() {
    let app = TestApp::start().await;
    let rep = app.staff("Rep", &[]).await;
    let other = app.staff("Other", &[]).await;
    let admin = app.administrator().await;
    let machine = app.machine(&["leads.read"]).await;
    let note = app.insert("notification", json!({ "recipient_id": rep.number, "text": "For Rep" })).await;
    let draft = app.insert("announcement", json!({ "title": "Draft" })).await;
    let token = app.count(&format!("SELECT id FROM access_token WHERE staff_id = {}", rep.number)).await;
    let (id, token) = (app.id("Notification", note), app.id("AccessToken", token));
    let query = format!(
        "{{ viewer {{ notifications {{ totalCount }} }} node(id: \"{id}\") {{ id }} token: node(id: \"{token}\") {{ id }} \
         announcements {{ totalCount }} announcement(by: {{number: {draft}}}) {{ id }} }}"
    );
    for (viewer, own, draft) in
        [(&rep, true, false), (&other, false, false), (&admin, false, true), (&machine, false, false)]
    {
        let answer = viewer.query(&query).await;
        assert_eq!(answer.number("viewer.notifications.totalCount"), i64::from(own));
        assert_eq!(!answer.data("node").is_null(), own);
        assert_eq!(answer.number("announcements.totalCount"), i64::from(draft));
        assert_eq!(!answer.data("announcement").is_null(), draft);
    }
    assert!(rep.query(&query).await.data("token").is_object(), "the token of Rep is the first one");
    assert!(other.query(&query).await.data("token").is_null());
    assert!(admin.query(&query).await.data("token").is_object());
}

#[tokio::test]
async fn account_numbers_are_masked() {
    let app = TestApp::start().await;
    let client = app.insert("client", json!({})).await;
    let account = app.insert("bank_account", json!({ "client_id": client, "account_number": "0123456789" })).await;
    let id = app.id("BankAccount", account);
    let query = format!("{{ node(id: \"{id}\") {{ ... on BankAccount {{ accountNumber }} }} }}");
    for (words, shown) in [(vec!["clients.read"], false), (vec!["clients.read", "subscriptions.write"], true)] {
        let viewer = app.staff(&format!("Rep {shown}"), &words).await;
        let number = viewer.query(&query).await.text("node.accountNumber");
        assert_eq!(number == "0123456789", shown, "{number}");
        assert!(number.ends_with("6789"), "{number}");
    }
}

#[tokio::test]
async fn fields_that_need_more_are_null() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let rep = app.staff("Rep", &[]).await;
    app.execute("UPDATE staff SET last_signed_in_at = created_at").await;
    let query =
        "{ staff(first: 1) { nodes { lastSignedInAt mappings { role } role { permissions } } } roles { permissions } }";
    let (hidden, shown) = (rep.query(query).await, admin.query(query).await);
    assert_eq!(hidden.data("staff.nodes.0.lastSignedInAt"), &Value::Null);
    assert_eq!(hidden.data("staff.nodes.0.mappings"), &Value::Null);
    assert_eq!(hidden.data("roles.0.permissions"), &Value::Null);
    assert!(shown.data("staff.nodes.0.lastSignedInAt").is_string());
    assert_eq!(shown.data("staff.nodes.0.mappings"), &json!([]));
    assert_eq!(shown.data("roles.0.permissions"), &json!([]));
}
