//! Records of the catalogue through the public door: typed fields, references, conditions, revisions, and companies
//! that never see each other's.

use groupgraph_schema::catalog::{Kind, Operation, Resource, catalog};
use serde_json::{Value, json};

use crate::support::{
    Actor, TestApp,
    actor::Answer,
    app::{DAUGHTER, HEAD_OFFICE},
};

const WORDS: [&str; 2] = ["records.read", "records.write"];

/// A record with its text fields filled, put into the table as it is.
async fn record(app: &TestApp, tenant: i64, kind: &str, (id, body): (&str, Value)) -> i64 {
    let row = json!({ "tenant_id": tenant, "kind": kind, "object_id": id, "body": body });
    app.insert("record", row).await
}

/// The root field of a mutation.
fn root(mutation: &str) -> &str {
    let text = mutation.trim_start_matches("mutation { ");
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default()
}

/// Runs a mutation and expects no failure.
async fn done(actor: &Actor, mutation: &str) -> Answer {
    let answer = actor.query(mutation).await;
    assert_eq!(answer.errors(root(mutation)), Vec::<(String, String)>::new(), "{answer:?}");
    answer
}

/// Codes and fields of the failures of a mutation.
async fn failures(actor: &Actor, mutation: &str) -> Vec<(String, String)> {
    actor.query(mutation).await.errors(root(mutation))
}

async fn created(actor: &Actor, of: &str, input: &str) -> String {
    let (one, call) = (format!("{}{}", of[..1].to_lowercase(), &of[1..]), format!("create{of}(input: {{ {input} }})"));
    let answer =
        done(actor, &format!("mutation {{ {call} {{ {one} {{ recordId }} errors {{ code field message }} }} }}")).await;
    answer.text(&format!("create{of}.{one}.recordId"))
}

#[tokio::test]
async fn a_record_is_created_found_changed_and_removed() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &WORDS).await;
    let asset = created(&actor, "Asset", "name: \"Freezer\"").await;
    let unit = created(&actor, "AssetUnit", &format!("asset: \"{asset}\", serial_number: \"F-1\", purchase_cost: 12.5, depreciation: {{ method: \"straight-line\", rate: 0.2 }}")).await;
    let answer = actor
        .query(&format!(
            "{{ assetUnit(recordId: \"{unit}\") {{ revision serial_number status purchase_cost depreciation {{ rate way: method }} \
             asset {{ name recordId }} document }} }}"
        ))
        .await;
    let found = answer.data("assetUnit");
    assert_eq!(found["asset"], json!({ "name": "Freezer", "recordId": asset }));
    assert_eq!(found["depreciation"], json!({ "rate": 0.2, "way": "straight-line" }));
    assert_eq!((&found["status"], &found["purchase_cost"]), (&json!("active"), &json!(12.5)), "defaults and numbers");
    assert_eq!(found["document"]["asset"], json!(asset));
    let change = |revision: i64| {
        format!(
            "mutation {{ updateAssetUnit(input: {{ recordId: \"{unit}\", revision: {revision}, changes: {{ notes: \"moved\", \
             purchase_cost: null }} }}) {{ assetUnit {{ revision notes purchase_cost serial_number }} errors {{ code field }} }} }}"
        )
    };
    let changed = done(&actor, &change(0)).await;
    let expected = json!({ "revision": 1, "notes": "moved", "purchase_cost": null, "serial_number": "F-1" });
    assert_eq!(*changed.data("updateAssetUnit.assetUnit"), expected);
    assert_eq!(failures(&actor, &change(0)).await, [("CONFLICT".to_owned(), "revision".to_owned())]);
    let removal = format!(
        "mutation {{ removeAssetUnit(input: {{ recordId: \"{unit}\" }}) {{ assetUnit {{ document }} errors {{ code }} }} }}"
    );
    assert_eq!(done(&actor, &removal).await.data("removeAssetUnit.assetUnit.document")["serial_number"], "F-1");
    let gone = actor.query(&format!("{{ assetUnit(recordId: \"{unit}\") {{ number }} }}")).await;
    assert!(gone.data("assetUnit").is_null());
    assert_eq!(actor.query("{ assetUnits { totalCount } }").await.number("assetUnits.totalCount"), 0);
}

#[tokio::test]
async fn what_breaks_the_catalogue_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &WORDS).await;
    for (input, field) in [
        ("asset: \"64f1c2a9e4b0d3a7c8e91b20\", serial_number: \"x\"", "asset"),
        ("asset: \"nonsense\", serial_number: \"x\"", "asset"),
        ("asset: \"64f1c2a9e4b0d3a7c8e91b20\", serial_number: \"x\", status: \"lost\"", "status"),
        ("asset: \"64f1c2a9e4b0d3a7c8e91b20\", serial_number: \"x\", purchase_date: \"yesterday\"", "purchase_date"),
        (
            "company_namespace: [\"nobody\"], asset: \"64f1c2a9e4b0d3a7c8e91b20\", serial_number: \"x\"",
            "company_namespace",
        ),
    ] {
        let mutation = format!("mutation {{ createAssetUnit(input: {{ {input} }}) {{ errors {{ code field }} }} }}");
        let failures = failures(&actor, &mutation).await;
        assert_eq!(failures.first().map(|(_, found)| found.as_str()), Some(field), "{input}: {failures:?}");
    }
    let deep = "mutation { createFeedbackOption(input: { name: \"x\", template_type: \"nps\", questions: [{ question_text: \"a\", \
                question_type: \"guess\" }] }) { errors { code field } } }";
    assert_eq!(failures(&actor, deep).await[0].1, "questions.0.question_type");
}

#[tokio::test]
async fn numbers_and_instants_in_bodies_compare_by_their_type() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &WORDS).await;
    for (number, (cost, at)) in
        [(9.5, "2026-01-02T00:00:00.000Z"), (10.0, "2026-10-01T00:00:00.000Z"), (100.0, "2025-12-31T23:59:59.000Z")]
            .into_iter()
            .enumerate()
    {
        let body = json!({ "serial_number": format!("S{number}"), "purchase_cost": cost, "last_maintenance": at, "disabled": number == 1 });
        record(&app, HEAD_OFFICE, "AssetUnit", (&format!("{number:024x}"), body)).await;
    }
    for (filter, order, expected) in [
        ("purchase_cost: { gte: 10 }", "PURCHASE_COST, direction: DESC", vec!["S2", "S1"]),
        ("purchase_cost: { lt: 10 }", "NUMBER", vec!["S0"]),
        ("last_maintenance: { gt: \"2026-01-01T01:00:00+01:00\" }", "LAST_MAINTENANCE", vec!["S0", "S1"]),
        ("disabled: false", "PURCHASE_COST", vec!["S0", "S2"]),
        ("serial_number: { in: [\"s1\", \"S2\"] }", "PURCHASE_COST", vec!["S1", "S2"]),
        ("or: [{ purchase_cost: { eq: 9.5 } }, { not: { disabled: false } }]", "NUMBER", vec!["S0", "S1"]),
    ] {
        let list = format!("assetUnits(filter: {{ {filter} }}, orderBy: {{ field: {order} }})");
        let answer = actor.query(&format!("{{ {list} {{ nodes {{ serial_number }} totalCount }} }}")).await;
        assert_eq!(answer.texts("assetUnits.nodes", "serial_number"), expected, "{filter}");
    }
    let first =
        actor.query("{ assetUnits(first: 1, orderBy: { field: PURCHASE_COST }) { pageInfo { endCursor } } }").await;
    let after = first.text("assetUnits.pageInfo.endCursor");
    let rest = actor
        .query(&format!(
            "{{ assetUnits(after: \"{after}\", orderBy: {{ field: PURCHASE_COST }}) {{ nodes {{ serial_number }} }} }}"
        ))
        .await;
    assert_eq!(rest.texts("assetUnits.nodes", "serial_number"), ["S1", "S2"]);
    let found = actor.query("{ assetUnits(search: \"s2\") { nodes { serial_number } } }").await;
    assert_eq!(found.texts("assetUnits.nodes", "serial_number"), ["S2"]);
}

#[tokio::test]
async fn references_cost_no_statement_and_lists_of_them_one() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &[&WORDS[..], &["clients.read"]].concat()).await;
    for number in 0..20 {
        record(&app, HEAD_OFFICE, "Asset", (&format!("{number:024x}"), json!({ "name": format!("Asset {number}") })))
            .await;
        let body = json!({ "serial_number": format!("S{number}"), "asset": format!("{number:024x}") });
        record(&app, HEAD_OFFICE, "AssetUnit", (&format!("aa{number:022x}"), body)).await;
        let list = json!({ "name": format!("List {number}"), "banks": [format!("bb{number:022x}"), format!("bb{:022x}", (number + 1) % 20)] });
        record(&app, HEAD_OFFICE, "Bank", (&format!("bb{number:022x}"), json!({ "name": format!("Bank {number}") })))
            .await;
        record(&app, HEAD_OFFICE, "BankList", (&format!("cc{number:022x}"), list)).await;
    }
    for (query, count) in [
        ("assetUnits(first: 20) { nodes { asset { name } } }", 1),
        ("bankLists(first: 20) { nodes { name banks { name } } }", 2),
    ] {
        let query = format!("{{ {query} }}");
        let statements = app.statements_of(&actor, &query).await;
        assert_eq!(statements.len(), count, "{statements:#?}");
    }
    let answer = actor
        .query("{ assetUnits(first: 2) { nodes { asset { name } } } bankLists(first: 1) { nodes { banks { name } } } }")
        .await;
    assert_eq!(*answer.data("assetUnits.nodes.1.asset.name"), json!("Asset 1"));
    assert_eq!(*answer.data("bankLists.nodes.0.banks"), json!([{ "name": "Bank 0" }, { "name": "Bank 1" }]));
    let member =
        actor.query("{ bankLists(filter: { banks: { eq: \"bb0000000000000000000005\" } }) { nodes { name } } }").await;
    assert_eq!(member.texts("bankLists.nodes", "name"), ["List 4", "List 5"]);
}

/// A body that has all texts and references of a resource.
fn body(resource: &Resource, id: &str) -> Value {
    let texts =
        resource.fields.iter().filter(|(_, field)| !field.list && field.fields.is_empty() && field.kind == Kind::Text);
    texts
        .map(|(name, field)| (name.clone(), if field.target.is_some() { json!(id) } else { json!("secret") }))
        .collect()
}

#[tokio::test]
async fn no_record_of_one_company_is_seen_by_another() {
    let app = TestApp::start().await;
    let other = DAUGHTER;
    let words: Vec<&str> = [&WORDS[..], &["clients.read", "invoices.read", "tickets.read", "staff.read"]].concat();
    let stranger = app.staff_of(other, "Stranger", &words).await;
    let mut walked = 0;
    for (place, resource) in catalog().resources.iter().enumerate().filter(|(_, resource)| resource.table.is_none()) {
        let (own, foreign) = (format!("dd{place:022x}"), format!("ee{place:022x}"));
        record(&app, HEAD_OFFICE, &resource.name, (&foreign, body(resource, &foreign))).await;
        // A reference to a row of the other company must not open it.
        record(&app, other, &resource.name, (&own, body(resource, &foreign))).await;
        let list = stranger
            .query(&format!(
                "{{ {}(first: 100) {{ nodes {{ recordId tenant {{ name }} }} totalCount }} }}",
                resource.root
            ))
            .await;
        assert_eq!(
            list.texts(&format!("{}.nodes", resource.root), "recordId"),
            std::slice::from_ref(&own),
            "{}",
            resource.name
        );
        assert_eq!(list.number(&format!("{}.totalCount", resource.root)), 1, "{}", resource.name);
        if resource.has(Operation::Get) {
            let one =
                stranger.query(&format!("{{ {}(recordId: \"{foreign}\") {{ number }} }}", resource.singular())).await;
            assert!(one.data(&resource.singular()).is_null(), "{}", resource.name);
        }
        if resource.has(Operation::Remove) {
            let of = resource.type_name();
            let removal = format!(
                "mutation {{ remove{of}(input: {{ recordId: \"{foreign}\" }}) {{ errors {{ code field }} }} }}"
            );
            assert_eq!(failures(&stranger, &removal).await[0].0, "NOT_FOUND", "{}", resource.name);
        }
        for (name, field) in resource.fields.iter().filter(|(_, field)| field.target.is_some() && !field.list) {
            let target = field.target.as_deref().and_then(|target| catalog().resource(target)).expect("a resource");
            if target.table.is_none() {
                let query = format!(
                    "{{ {}(first: 1) {{ nodes {{ {name} {{ recordId }} document(populate: [\"{name}\"]) }} }} }}",
                    resource.root
                );
                let answer = stranger.query(&query).await;
                let node = answer.data(&format!("{}.nodes.0", resource.root));
                assert!(node[name].is_null(), "{}.{name}: {node}", resource.name);
                assert!(!node["document"][name].is_object(), "{}.{name}: {node}", resource.name);
            }
        }
        walked += 1;
    }
    assert_eq!(walked, 78);
}

#[tokio::test]
async fn core_rows_are_the_same_by_every_name() {
    let app = TestApp::start().await;
    let words = [&WORDS[..], &["clients.read", "clients.write"]].concat();
    let actor = app.staff("Keeper", &words).await;
    let id = created(
        &actor,
        "RepzoClient",
        "name: \"Corner shop\", client_code: \"C-9\", price_tag: \"A\", credit_limit: 12.5, isChain: true",
    )
    .await;
    let number = id.trim_start_matches("c00001").parse::<i64>().expect("a number");
    let own = actor
        .query(&format!("{{ client(by: {{ number: {number} }}) {{ name code creditLimit {{ amount }} }} }}"))
        .await;
    assert_eq!(
        *own.data("client"),
        json!({ "name": "Corner shop", "code": "C-9", "creditLimit": { "amount": "12.50" } })
    );
    let rename = format!(
        "mutation {{ updateClient(input: {{ client: {{ number: {number} }}, name: \"Corner store\" }}) {{ client {{ name }} errors {{ code }} }} }}"
    );
    done(&actor, &rename).await;
    let there = actor.query(&format!("{{ repzoClient(recordId: \"{id}\") {{ name client_code price_tag credit_limit isChain disabled document }} }}")).await;
    let found = there.data("repzoClient");
    assert_eq!(
        (&found["name"], &found["price_tag"], &found["credit_limit"]),
        (&json!("Corner store"), &json!("A"), &json!(12.5))
    );
    assert_eq!(
        (&found["disabled"], &found["isChain"], &found["document"]["name"]),
        (&json!(false), &json!(true), &json!("Corner store"))
    );
    let visit = created(&actor, "Visit", &format!("client: \"{id}\"")).await;
    let visits = actor.query(&format!("{{ visit(recordId: \"{visit}\") {{ client {{ name }} }} visits(filter: {{ client: {{ eq: \"{id}\" }} }}) {{ totalCount }} }}")).await;
    assert_eq!(visits.text("visit.client.name"), "Corner store");
    assert_eq!(visits.number("visits.totalCount"), 1);
}

#[tokio::test]
async fn a_serial_number_is_never_drawn_twice() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &[&WORDS[..], &["staff.write"]].concat()).await;
    let warehouse = created(&actor, "Warehouse", "name: \"Main\", company_namespace: [\"head-office\"]").await;
    let rep = format!("c00006{:018}", actor.number);
    let counter =
        format!("rep: \"{rep}\", warehouse: \"{warehouse}\", invoice_type: \"sales\", prefix: \"S-\", pad_length: 4");
    created(&actor, "SafeInvoiceSerialCounter", &counter).await;
    let draw = format!(
        "mutation {{ nextInvoiceSerial(input: {{ rep: \"{rep}\", warehouse: \"{warehouse}\", invoice_type: \"sales\" }}) {{ serial {{ next_serial formatted_serial }} errors {{ code message }} }} }}"
    );
    let drawn = futures_util::future::join_all((0..100).map(|_| done(&actor, &draw))).await;
    let mut numbers: Vec<i64> =
        drawn.iter().map(|answer| answer.number("nextInvoiceSerial.serial.next_serial")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<i64>>());
    assert!(drawn.iter().any(|answer| answer.text("nextInvoiceSerial.serial.formatted_serial") == "S-0042"));
    let again =
        format!("mutation {{ createSafeInvoiceSerialCounter(input: {{ {counter} }}) {{ errors {{ code field }} }} }}");
    assert_eq!(failures(&actor, &again).await[0].0, "CONFLICT", "a second counter would draw the same numbers");
}

#[tokio::test]
async fn stock_follows_every_movement() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &[&WORDS[..], &["products.write"]].concat()).await;
    let [from, to] = ["North", "South"].map(|name| format!("name: \"{name}\", company_namespace: [\"head-office\"]"));
    let (from, to) = (created(&actor, "Warehouse", &from).await, created(&actor, "Warehouse", &to).await);
    let category = created(&actor, "Category", "name: \"Ice\"").await;
    let product = created(&actor, "RepzoProduct", &format!("name: \"Cone\", category: \"{category}\"")).await;
    let adjust = format!(
        "mutation {{ createInventoryAdjustment(input: {{ warehouse: \"{from}\", items: [{{ product: \"{product}\", adjustmentQuantity: 2 }}] }}) {{ inventoryAdjustment {{ status }} errors {{ code message }} }} }}"
    );
    futures_util::future::join_all((0..50).map(|_| done(&actor, &adjust))).await;
    let stock = |warehouse: String| {
        let actor = &actor;
        async move {
            let answer = actor.query(&format!("{{ inventoryItems(filter: {{ warehouse: {{ eq: \"{warehouse}\" }} }}) {{ nodes {{ quantity }} }} }}")).await;
            answer
                .data("inventoryItems.nodes")
                .as_array()
                .map(|rows| rows.iter().filter_map(|row| row["quantity"].as_f64()).collect::<Vec<_>>())
        }
    };
    assert_eq!(stock(from.clone()).await, Some(vec![100.0]));
    let transfer = created(&actor, "Transfer", &format!("fromWarehouse: \"{from}\", toWarehouse: \"{to}\", items: [{{ product: \"{product}\", requestedQuantity: 30 }}]")).await;
    let step = |status: &str| {
        format!(
            "mutation {{ updateTransfer(input: {{ recordId: \"{transfer}\", changes: {{ status: \"{status}\" }} }}) {{ transfer {{ status }} errors {{ code message }} }} }}"
        )
    };
    for (status, expected) in
        [("in_transit", (70.0, None)), ("completed", (70.0, Some(30.0))), ("completed", (70.0, Some(30.0)))]
    {
        done(&actor, &step(status)).await;
        assert_eq!(stock(from.clone()).await, Some(vec![expected.0]), "{status}");
        assert_eq!(stock(to.clone()).await, Some(expected.1.into_iter().collect()), "{status}");
    }
}

#[tokio::test]
async fn an_installment_is_paid_or_late() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &WORDS).await;
    let contract = created(&actor, "Contract", "").await;
    let today = app.now().date_naive();
    let due = today - chrono::TimeDelta::days(10);
    let id = created(&actor, "ContractInstallment", &format!("contract: \"{contract}\", installment_number: 1, due_date: \"{due}\", amount: 100, late_fee: 5, grace_period_days: 3")).await;
    let late = actor.query("{ overdueContractInstallments { nodes { document } totalCount } }").await;
    assert_eq!(*late.data("overdueContractInstallments.nodes.0.document.days_overdue"), json!(7));
    let pay = |amount: i32| {
        format!(
            "mutation {{ payContractInstallment(input: {{ recordId: \"{id}\", payment_date: \"{today}\", payment_amount: {amount} }}) {{ contractInstallment {{ status payment_amount payment_history {{ amount }} }} errors {{ code field }} }} }}"
        )
    };
    let first = done(&actor, &pay(100)).await;
    assert_eq!(first.text("payContractInstallment.contractInstallment.status"), "overdue", "the late fee is still due");
    let second = done(&actor, &pay(5)).await;
    let paid = second.data("payContractInstallment.contractInstallment");
    assert_eq!(
        *paid,
        json!({ "status": "paid", "payment_amount": 105.0, "payment_history": [{ "amount": 100.0 }, { "amount": 5.0 }] })
    );
    assert_eq!(failures(&actor, &pay(1)).await[0].0, "WRONG_STATE");
    assert_eq!(
        actor
            .query("{ overdueContractInstallments { totalCount } }")
            .await
            .number("overdueContractInstallments.totalCount"),
        0
    );
}

#[tokio::test]
async fn categories_never_stand_below_themselves() {
    let app = TestApp::start().await;
    let actor = app.staff("Keeper", &WORDS).await;
    let top = created(&actor, "WorkorderCategory", "name: \"Top\"").await;
    let below = created(&actor, "WorkorderCategory", &format!("name: \"Below\", parent_category: \"{top}\"")).await;
    let tree = actor.query("{ workorderCategoryHierarchy }").await;
    assert_eq!(*tree.data("workorderCategoryHierarchy.0.children.0._id"), json!(below));
    for parent in [&below, &top] {
        let circle = format!(
            "mutation {{ updateWorkorderCategory(input: {{ recordId: \"{top}\", changes: {{ parent_category: \"{parent}\" }} }}) {{ errors {{ code field }} }} }}"
        );
        assert_eq!(failures(&actor, &circle).await, [("INVALID".to_owned(), "parent_category".to_owned())]);
    }
}
