//! Generic mutations: create, update, save and delete rows of several types.

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
};

fn failure(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

#[tokio::test]
async fn a_row_is_created_with_its_relations() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let world = app.world(HEAD_OFFICE, viewer.number).await;
    let answer = viewer
        .done(&format!(
            "createDeal(input: {{title: \" Big one \", value: {{amount: \"1500.50\"}}, pipeline: {{name: \"a PIPELINE\"}}, \
             stage: {{number: {}}}, owner: {{id: \"{}\"}}, client: {{name: \"A client\"}}, members: [{{number: {}}}], \
             probability: 40, expectedCloseOn: \"2026-07-01\"}}) {{ deal {{ title value {{ amount currency amountMinor }} \
             pipeline {{ name }} stage {{ name }} owner {{ name }} client {{ name }} members {{ name }} probability \
             expectedCloseOn status createdAt tenant {{ name }} }} errors {{ code field message }} }}",
            world.number("Stage"),
            app.id("Staff", viewer.number),
            viewer.number
        ))
        .await;
    assert_eq!(
        answer.data("createDeal.deal"),
        &json!({
            "title": "Big one", "value": { "amount": "1500.50", "currency": "EUR", "amountMinor": 150_050 },
            "pipeline": { "name": "A pipeline" }, "stage": { "name": "A stage" }, "owner": { "name": "Admin" },
            "client": { "name": "A client" }, "members": [{ "name": "Admin" }], "probability": 40,
            "expectedCloseOn": "2026-07-01", "status": "OPEN", "createdAt": "2026-05-19T12:00:00Z",
            "tenant": { "name": "Head Office" },
        })
    );
}

#[tokio::test]
async fn absent_members_stay_and_null_ones_go() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let client = app
        .insert(
            "client",
            json!({ "name": "Zebra", "email": "a@example.com", "owner_id": viewer.number,
            "address_city": "Lagos", "address_line1": "1 Road", "social_links": { "skype": "zeb", "blog": "b" } }),
        )
        .await;
    let update = |members: &str| {
        format!(
            "updateClient(input: {{client: {{number: {client}}}{members}}}) {{ client {{ name email owner {{ name }} \
             description address {{ city line1 }} socialLinks {{ skype blog }} }} errors {{ code field message }} }}"
        )
    };
    let before = json!({
        "name": "Zebra", "email": "a@example.com", "owner": { "name": "Admin" }, "description": null,
        "address": { "city": "Lagos", "line1": "1 Road" }, "socialLinks": { "skype": "zeb", "blog": "b" },
    });
    let same = viewer.done(&update("")).await;
    assert_eq!(same.data("updateClient.client"), &before);
    let changed = viewer
        .done(&update(
            ", description: \"Stripes\", email: null, owner: null, address: {city: \"Abuja\"}, socialLinks: {skype: null}",
        ))
        .await;
    let mut after = before;
    after["description"] = json!("Stripes");
    after["email"] = Value::Null;
    after["owner"] = Value::Null;
    after["address"]["city"] = json!("Abuja");
    after["socialLinks"]["skype"] = Value::Null;
    assert_eq!(changed.data("updateClient.client"), &after);
    for members in [", name: null", ", name: \"\"", ", name: \"  \""] {
        let answer = viewer.query(&format!("mutation {{ {} }}", update(members))).await;
        assert_eq!(answer.errors("updateClient"), failure("REQUIRED", "name"), "{members}");
        assert_eq!(answer.data("updateClient.client"), &Value::Null);
    }
    assert_eq!(app.count("SELECT count(*) FROM client WHERE name = 'Zebra'").await, 1);
    // `{}` of a reference is what forms send for a field that was left alone.
    let left = viewer.query_with(
        "mutation($owner: Int) { updateClient(input: {client: {name: \"Zebra\"}, owner: {number: $owner}}) { errors { code } } }",
        json!({}),
    );
    assert_eq!(left.await.errors("updateClient"), []);
}

#[tokio::test]
async fn settings_are_saved_and_deleted() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    for (noun, member, of) in [
        ("LeadStatus", "status", "leadStatuses"),
        ("LeadSource", "source", "leadSources"),
        ("Department", "department", "departments"),
        ("Position", "position", "positions"),
        ("Pipeline", "pipeline", "pipelines"),
    ] {
        let payload = format!("{{ {member} {{ number name }} errors {{ code field message }} }}");
        let made = viewer.done(&format!("save{noun}(input: {{name: \"First\"}}) {payload}")).await;
        let number = made.number(&format!("save{noun}.{member}.number"));
        let saved = viewer
            .done(&format!("save{noun}(input: {{{member}: {{number: {number}}}, name: \"Second\"}}) {payload}"))
            .await;
        assert_eq!(saved.data(&format!("save{noun}.{member}")), &json!({ "number": number, "name": "Second" }));
        let query = format!("{{ {of} {{ name }} }}");
        assert_eq!(viewer.query(&query).await.texts(of, "name"), ["Second"]);
        let gone = viewer
            .done(&format!("delete{noun}(input: {{{member}: {{name: \"second\"}}}}) {{ deletedId errors {{ code field message }} }}"))
            .await;
        assert_eq!(gone.text(&format!("delete{noun}.deletedId")), app.id(noun, number));
        assert_eq!(viewer.query(&query).await.data(of), &json!([]));
        let again = viewer.failures(&format!("delete{noun}(input: {{{member}: {{number: {number}}}}})")).await;
        assert_eq!(again, failure("NOT_FOUND", member));
    }
}

#[tokio::test]
async fn taken_values_are_told() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.insert("lead_status", json!({ "name": "Warm" })).await;
    app.insert("department", json!({ "name": "Support" })).await;
    app.person(json!({ "name": "Ada", "email": "ada@example.com" })).await;
    for (mutation, expected) in [
        ("saveLeadStatus(input: {name: \"WARM\"})", failure("DUPLICATE_NAME", "name")),
        ("saveDepartment(input: {name: \"support\"})", failure("DUPLICATE_NAME", "name")),
        (
            "createStaff(input: {givenName: \"Ada\", familyName: \"Two\", email: \"ADA@example.com\"})",
            failure("DUPLICATE_EMAIL", "email"),
        ),
        (
            "createTenant(input: {name: \"X\", namespace: \"DAUGHTER\", baseCurrency: \"EUR\", timeZone: \"UTC\"})",
            failure("DUPLICATE_NAME", "namespace"),
        ),
    ] {
        assert_eq!(viewer.failures(mutation).await, expected, "{mutation}");
    }
    // The same name in another company is free.
    app.insert("lead_status", json!({ "name": "Cold", "tenant_id": DAUGHTER })).await;
    assert_eq!(viewer.failures("saveLeadStatus(input: {name: \"Cold\"})").await, []);
    assert_eq!(app.count("SELECT count(*) FROM lead_status WHERE name = 'Cold'").await, 2);
}

#[tokio::test]
async fn references_to_nothing_are_not_found() {
    let app = TestApp::start().await;
    let viewer = app.staff("Rep", &["deals.read", "deals.write", "clients.read"]).await;
    let far = app.person(json!({ "name": "Far", "tenant_id": DAUGHTER })).await;
    let world = app.world(DAUGHTER, far).await;
    let mut references =
        vec!["{number: 9999}".to_owned(), "{name: \"nobody\"}".to_owned(), "{id: \"nonsense\"}".to_owned()];
    references.push(format!("{{id: \"{}\"}}", app.id("Lead", 1)));
    for (member, of) in [("client", "Client"), ("pipeline", "Pipeline"), ("stage", "Stage"), ("owner", "Staff")] {
        let hidden = format!("{{number: {}}}", world.number(of));
        for reference in references.iter().chain([&hidden]) {
            let mutation = format!("createDeal(input: {{title: \"X\", {member}: {reference}}})");
            assert_eq!(viewer.failures(&mutation).await, failure("NOT_FOUND", member), "{mutation}");
        }
    }
    let hidden =
        format!("createDeal(input: {{title: \"X\", members: [{{number: {}}}, {{number: 9999}}]}})", viewer.number);
    assert_eq!(viewer.failures(&hidden).await, failure("NOT_FOUND", "members.1"));
    let both = format!("createDeal(input: {{title: \"X\", owner: {{number: {}, name: \"Rep\"}}}})", viewer.number);
    assert_eq!(viewer.failures(&both).await, failure("INVALID", "owner"));
    let elsewhere = "createDeal(input: {title: \"X\", tenant: {name: \"Daughter\"}})";
    assert_eq!(viewer.failures(elsewhere).await, failure("NOT_FOUND", "tenant"));
    let deal = world.number("Deal");
    for mutation in [
        format!("updateDeal(input: {{deal: {{number: {deal}}}, title: \"Mine\"}})"),
        format!("deleteDeal(input: {{deal: {{number: {deal}}}}})"),
    ] {
        assert_eq!(viewer.failures(&mutation).await, failure("NOT_FOUND", "deal"), "{mutation}");
    }
    assert_eq!(app.count("SELECT count(*) FROM deal").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM deal WHERE title = 'A deal'").await, 1);
}

#[tokio::test]
async fn rows_of_one_company_are_not_tied_to_another() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let world = app.world(DAUGHTER, admin.number).await;
    let client = format!("createDeal(input: {{title: \"X\", client: {{number: {}}}}})", world.number("Client"));
    assert_eq!(admin.failures(&client).await, failure("NOT_FOUND", "client"));
    let there = format!(
        "createDeal(input: {{tenant: {{name: \"Daughter\"}}, title: \"X\", client: {{number: {}}}, value: {{amount: 1}}}}) \
         {{ deal {{ tenant {{ name }} value {{ currency }} }} errors {{ code field message }} }}",
        world.number("Client")
    );
    let made = admin.done(&there).await;
    assert_eq!(
        made.data("createDeal.deal"),
        &json!({ "tenant": { "name": "Daughter" }, "value": { "currency": "USD" } })
    );
}

#[tokio::test]
async fn wrong_values_are_told_by_their_path() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    for (mutation, code, field) in [
        ("createClient(input: {name: \"X\", email: \"nobody\"})", "INVALID", "email"),
        ("createClient(input: {name: \"X\", website: \"ftp://x\"})", "INVALID", "website"),
        ("createClient(input: {name: \"X\", phone: {number: \"12\"}})", "INVALID", "phone"),
        ("createClient(input: {name: \"X\", phone: {countryCode: \"234\"}})", "REQUIRED", "phone.number"),
        (
            "createClient(input: {name: \"X\", creditLimit: {amount: \"1.234\", amountMinor: 3}})",
            "INVALID",
            "creditLimit",
        ),
        (
            "createClient(input: {name: \"X\", address: {country: {name: \"Nowhere\"}}})",
            "UNKNOWN_VALUE",
            "address.country",
        ),
        ("createDeal(input: {title: \"X\", expectedCloseOn: \"2026-02-30\"})", "INVALID_DATE", "expectedCloseOn"),
        ("createTicket(input: {subject: \"X\", message: \"Y\", dueAt: \"soon\"})", "INVALID_DATE", "dueAt"),
    ] {
        assert_eq!(viewer.failures(mutation).await, failure(code, field), "{mutation}");
    }
    assert_eq!(app.count("SELECT (SELECT count(*) FROM client) + (SELECT count(*) FROM deal)").await, 0);
}

#[tokio::test]
async fn nothing_is_half_written() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    app.insert("lead_status", json!({ "name": "Warm" })).await;
    let before = app.count("SELECT count(*) FROM activity_log").await;
    viewer.failures("saveLeadStatus(input: {name: \"warm\"})").await;
    let team = app.insert("team", json!({ "name": "All" })).await;
    app.insert("team_member", json!({ "team_id": team, "staff_id": viewer.number })).await;
    let broken = format!("saveTeam(input: {{team: {{number: {team}}}, name: \"None\", members: [{{number: 9999}}]}})");
    assert_eq!(viewer.failures(&broken).await, failure("NOT_FOUND", "members.0"));
    assert_eq!(app.count("SELECT count(*) FROM team_member").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM team WHERE name = 'All'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM activity_log").await, before);
    let replaced = format!("saveTeam(input: {{team: {{number: {team}}}, members: []}})");
    assert_eq!(viewer.failures(&replaced).await, []);
    assert_eq!(app.count("SELECT count(*) FROM team_member").await, 0);
}

#[tokio::test]
async fn what_is_used_cannot_be_deleted() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let world = app.world(HEAD_OFFICE, viewer.number).await;
    app.execute(&format!(
        "UPDATE staff SET position_id = {}, role_id = {}",
        world.number("Position"),
        world.number("Role")
    ))
    .await;
    for (mutation, member, of) in [
        ("deleteLeadStatus", "status", "LeadStatus"),
        ("deletePipeline", "pipeline", "Pipeline"),
        ("deleteStage", "stage", "Stage"),
        ("deletePosition", "position", "Position"),
        ("deleteRole", "role", "Role"),
        ("deleteDepartment", "department", "Department"),
    ] {
        let call = format!("{mutation}(input: {{{member}: {{number: {}}}}})", world.number(of));
        let codes: Vec<String> = viewer.failures(&call).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["WRONG_STATE"], "{mutation}");
    }
}

#[tokio::test]
async fn deleted_rows_stay_as_history() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let client = app.insert("client", json!({})).await;
    app.insert("deal", json!({ "client_id": client })).await;
    viewer
        .done(&format!("deleteClient(input: {{client: {{number: {client}}}}}) {{ errors {{ code field message }} }}"))
        .await;
    let answer = viewer.query("{ clients { totalCount } deals { nodes { client { name } } } }").await;
    assert_eq!(answer.number("clients.totalCount"), 0);
    assert_eq!(answer.data("deals.nodes.0.client"), &json!({ "name": "A client" }));
    assert_eq!(app.count("SELECT count(*) FROM client WHERE deleted_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn a_repeated_key_is_one_call() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let call = "createTask(input: {title: \"Once\"})";
    let answer = viewer
        .query(&format!(
            "mutation {{ {call} {{ task {{ title }} }} {call} {{ task {{ number }} errors {{ code }} }} ...more \
             other: createTask(input: {{title: \"Twice\"}}) {{ task {{ title }} }} }} \
             fragment more on Mutation {{ {call} {{ __typename }} }}"
        ))
        .await;
    assert_eq!(answer.data("createTask.task.title"), "Once");
    assert!(answer.number("createTask.task.number") > 0);
    assert_eq!(answer.data("createTask.__typename"), "CreateTaskPayload");
    assert_eq!(answer.data("other.task.title"), "Twice");
    assert_eq!(app.count("SELECT count(*) FROM task WHERE title = 'Once'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM task").await, 2);
}

#[tokio::test]
async fn skipped_mutations_do_not_run() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let query = "mutation($no: Boolean!) { createTask(input: {title: \"X\"}) @include(if: $no) { errors { code } } __typename }";
    viewer.query_with(query, json!({ "no": false })).await.data("__typename");
    assert_eq!(app.count("SELECT count(*) FROM task").await, 0);
}

#[tokio::test]
async fn the_log_tells_what_was_done() {
    let app = TestApp::start().await;
    let viewer = app.administrator().await;
    let made = viewer.done("createTask(input: {title: \"X\"}) { task { number } errors { code field message } }").await;
    let task = made.number("createTask.task.number");
    viewer
        .done(&format!(
            "updateTask(input: {{task: {{number: {task}}}, title: \"Y\"}}) {{ errors {{ code field message }} }}"
        ))
        .await;
    viewer
        .done(&format!("deleteTask(input: {{task: {{number: {task}}}}}) {{ errors {{ code field message }} }}"))
        .await;
    let answer = viewer
        .query("{ activityLogs(orderBy: [{field: NUMBER, direction: ASC}]) { nodes { description staffName occurredAt } } }")
        .await;
    assert_eq!(
        answer.texts("activityLogs.nodes", "description"),
        [format!("Created task {task}"), format!("Changed task {task}"), format!("Deleted task {task}")]
    );
    assert_eq!(answer.data("activityLogs.nodes.0.staffName"), "Admin");
    assert_eq!(answer.data("activityLogs.nodes.0.occurredAt"), "2026-05-19T12:00:00Z");
}
