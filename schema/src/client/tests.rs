//! Clients, their parts and batches through the schema, on a memory database.

use serde_json::{Value, json};

use crate::fixture::Fixture;

const CLIENT: &str = "client { number uuid kind name isActive balance { amountMinor currency } \
    primaryContact { name email isPrimary } \
    debitAccount { branchCode accountNumber verification bank { name } } \
    openDeal { title value { amountMinor } expectedCloseOn } \
    subscriptions { status billingDay startOn bankAccount { number } items { price { amountMinor } referenceNumber } } }";

const ACCOUNT: &str = "bankAccount: { bank: { name: \"Absa\" }, branchCode: \"632005\", holderName: \"Kano Mills\", \
    accountNumber: \"04047527520\", kind: { name: \"Current\" } }";

fn number(row: &Value) -> i64 {
    row["number"].as_i64().expect("a number")
}

async fn made(fixture: &Fixture, input: &str) -> i64 {
    number(&fixture.done("createClient", input, CLIENT).await["client"])
}

#[tokio::test]
async fn a_client_comes_with_its_parts() {
    let fixture = Fixture::new().await;
    fixture.done("createProduct", "{ name: \"Cover\", price: { amount: 99 } }", "product { number }").await;
    let input = format!(
        "{{ name: \"Kano Mills\", openingBalance: {{ amount: 10 }}, defaultBillingDay: 0, \
         primaryContact: {{ givenName: \"Amina\", familyName: \"Yusuf\", email: \"amina@kano.example\" }}, {ACCOUNT}, \
         deal: {{ value: {{ amount: 500 }}, expectedCloseOn: \"2026-07-01\" }}, \
         subscription: {{ product: {{ name: \"Cover\" }}, price: {{ amount: 99 }}, unit: {{ name: \"Monthly\" }}, referenceNumber: \"R1\" }} }}"
    );
    let made = fixture.done("createClient", &input, CLIENT).await;
    let client = &made["client"];
    assert_eq!(client["kind"], "ACCOUNT");
    assert_eq!(client["uuid"].as_str().map(str::len), Some(36));
    assert_eq!(client["balance"], json!({ "amountMinor": 1000, "currency": "NGN" }));
    assert_eq!(
        client["primaryContact"],
        json!({ "name": "Amina Yusuf", "email": "amina@kano.example", "isPrimary": true })
    );
    assert_eq!(client["debitAccount"]["verification"], "UNVERIFIED");
    assert_eq!(client["debitAccount"]["bank"]["name"], "Absa");
    assert_eq!(
        client["openDeal"],
        json!({ "title": "Kano Mills", "value": { "amountMinor": 50_000 }, "expectedCloseOn": "2026-07-01" })
    );
    let subscription = &client["subscriptions"][0];
    assert_eq!((&subscription["billingDay"], &subscription["startOn"]), (&json!(31), &json!("2026-05-31")));
    assert_eq!(subscription["status"], "PENDING");
    assert_eq!(subscription["items"], json!([{ "price": { "amountMinor": 9900 }, "referenceNumber": "R1" }]));

    let change = format!(
        "{{ client: {{ number: {} }}, primaryContact: {{ familyName: \"Bello\" }}, deal: {{ value: {{ amount: 600 }} }} }}",
        number(client)
    );
    let changed = fixture.done("updateClient", &change, CLIENT).await;
    assert_eq!(changed["client"]["primaryContact"]["name"], "Amina Bello");
    assert_eq!(changed["client"]["openDeal"]["value"]["amountMinor"], 60_000);
    let more = format!(
        "{{ client: {{ number: {} }}, subscription: {{ product: {{ number: 1 }}, price: {{ amount: 1 }}, unit: {{ name: \"Monthly\" }} }} }}",
        number(client)
    );
    assert_eq!(fixture.refused("updateClient", &more).await, ("WRONG_STATE".into(), "subscription".into()));
    let stop = format!("{{ client: {{ number: {} }}, isActive: false }}", number(client));
    fixture.done("updateClient", &stop, CLIENT).await;
    let again = fixture.done("updateClient", &more, CLIENT).await;
    assert_eq!(again["client"]["isActive"], true);
    assert_eq!(again["client"]["subscriptions"].as_array().map(Vec::len), Some(2));
    assert_eq!(again["client"]["subscriptions"][0]["status"], "DISABLED");
}

#[tokio::test]
async fn parts_of_a_client_are_whole() {
    let fixture = Fixture::new().await;
    let account =
        fixture.refused("createClient", "{ name: \"Kano Mills\", bankAccount: { branchCode: \"632005\" } }").await;
    assert_eq!(account, ("INCOMPLETE_GROUP".into(), "bankAccount.bank".into()));
    let day = fixture.refused("createClient", "{ name: \"Kano Mills\", defaultBillingDay: 32 }").await;
    assert_eq!(day, ("OUT_OF_RANGE".into(), "defaultBillingDay".into()));
    made(&fixture, "{ name: \"Kano Mills\", primaryContact: { email: \"amina@kano.example\" } }").await;
    let taken = fixture
        .refused("createClient", "{ name: \"Jos Foods\", primaryContact: { email: \"AMINA@kano.example\" } }")
        .await;
    assert_eq!(taken, ("DUPLICATE_EMAIL".into(), "primaryContact.email".into()));
    let clients = fixture.run("{ clients { totalCount } }").await;
    assert_eq!(clients["clients"]["totalCount"], 1);
}

#[tokio::test]
async fn no_client_is_below_itself_and_billed_ones_stay() {
    let fixture = Fixture::new().await;
    let head = made(&fixture, "{ name: \"Head\" }").await;
    let outlet = made(&fixture, &format!("{{ name: \"Outlet\", kind: OUTLET, parent: {{ number: {head} }} }}")).await;
    let below = format!("{{ client: {{ number: {head} }}, parent: {{ number: {outlet} }} }}");
    assert_eq!(fixture.refused("updateClient", &below).await, ("INVALID".into(), "parent".into()));
    let bill = format!(
        "{{ client: {{ number: {outlet} }}, lines: [{{ description: \"x\", quantity: 1, unitPrice: {{ amount: 1 }} }}] }}"
    );
    fixture.done("createInvoice", &bill, "invoice { number }").await;
    let delete = |number: i64| format!("{{ client: {{ number: {number} }} }}");
    assert_eq!(fixture.refused("deleteClient", &delete(outlet)).await, ("WRONG_STATE".into(), "client".into()));
}

#[tokio::test]
async fn one_contact_is_primary() {
    let fixture = Fixture::new().await;
    let client = made(&fixture, "{ name: \"Kano Mills\" }").await;
    let add = |more: &str| format!("{{ client: {{ number: {client} }}, {more} }}");
    let first = fixture.done("addContact", &add("givenName: \"Amina\""), "contact { number name isPrimary }").await;
    assert_eq!(first["contact"]["isPrimary"], true);
    assert_eq!(first["contact"]["name"], "Amina");
    let second = fixture.done("addContact", &add("name: \"Musa Bello\""), "contact { number isPrimary }").await;
    assert_eq!(second["contact"]["isPrimary"], false);
    let third =
        fixture.done("addContact", &add("name: \"Zainab\", isPrimary: true"), "contact { number isPrimary }").await;
    assert_eq!(third["contact"]["isPrimary"], true);
    let change = format!("{{ contact: {{ number: {} }}, isPrimary: true }}", number(&second["contact"]));
    fixture.done("updateContact", &change, "contact { number }").await;
    let contacts = fixture
        .run(&format!("{{ client(by: {{ number: {client} }}) {{ contacts {{ nodes {{ name isPrimary }} }} }} }}"))
        .await;
    let primary: Vec<_> = contacts["client"]["contacts"]["nodes"]
        .as_array()
        .expect("contacts")
        .iter()
        .filter(|row| row["isPrimary"] == true)
        .collect();
    assert_eq!(primary, [&json!({ "name": "Musa Bello", "isPrimary": true })]);
    assert_eq!(fixture.refused("addContact", &add("jobTitle: \"Buyer\"")).await, ("REQUIRED".into(), "name".into()));
    assert_eq!(fixture.refused("addContact", "{ name: \"Nobody's\" }").await, ("REQUIRED".into(), "client".into()));
}

#[tokio::test]
async fn locations_keep_their_limits() {
    let fixture = Fixture::new().await;
    let client = made(&fixture, "{ name: \"Kano Mills\" }").await;
    let add =
        |name: &str, more: &str| format!("{{ client: {{ number: {client} }}, name: \"{name}\", kind: OFFICE {more} }}");
    fixture.done("addLocation", &add("Kano", ", isPrimary: true"), "location { number }").await;
    fixture.done("addLocation", &add("Lagos", ", isPrimary: true"), "location { number }").await;
    let found =
        fixture.run(&format!("{{ client(by: {{ number: {client} }}) {{ locations {{ name isPrimary }} }} }}")).await;
    let primary: Vec<_> = found["client"]["locations"]
        .as_array()
        .expect("locations")
        .iter()
        .filter(|row| row["isPrimary"] == true)
        .collect();
    assert_eq!(primary, [&json!({ "name": "Lagos", "isPrimary": true })]);
    assert_eq!(fixture.refused("addLocation", &add(&"x".repeat(51), "")).await, ("INVALID".into(), "name".into()));
    let url = format!(", url: \"https://x.example/{}\"", "x".repeat(150));
    assert_eq!(fixture.refused("addLocation", &add("Kano", &url)).await, ("INVALID".into(), "url".into()));
    assert_eq!(
        fixture.refused("addLocation", "{ name: \"Kano\", kind: OFFICE }").await,
        ("REQUIRED".into(), "client".into())
    );
}

#[tokio::test]
async fn rows_of_a_batch_stand_alone() {
    let fixture = Fixture::new().await;
    made(&fixture, "{ name: \"Kano Mills\" }").await;
    let rows = format!(
        "{{ rows: [{{ name: \"Jos Foods\", {ACCOUNT} }}, {{ name: \"KANO MILLS\", website: \"nothing\", bankAccount: {{ branchCode: \"1\" }} }}, \
         {{ name: \" jos foods \" }}, {{ name: \"Ibadan Steel\", primaryContact: {{ email: \"a@ibadan.example\" }} }}, \
         {{ name: \"Enugu Coal\", primaryContact: {{ email: \"a@ibadan.example\" }} }}] }}"
    );
    let selection = "accepted { index client { name } } rejected { index message errors { code field } }";
    let done = fixture.done("createClients", &rows, selection).await;
    assert_eq!(
        done["accepted"],
        json!([{ "index": 0, "client": { "name": "Jos Foods" } }, { "index": 3, "client": { "name": "Ibadan Steel" } }])
    );
    let rejected = done["rejected"].as_array().expect("rows");
    let codes = |row: &Value| {
        row["errors"].as_array().expect("errors").iter().map(|error| error["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(rejected.iter().map(|row| row["index"].clone()).collect::<Vec<_>>(), [1, 2, 4]);
    let expected = [
        "DUPLICATE_NAME",
        "INCOMPLETE_GROUP",
        "INCOMPLETE_GROUP",
        "INCOMPLETE_GROUP",
        "INCOMPLETE_GROUP",
        "INVALID",
        "INVALID",
    ];
    assert_eq!(codes(&rejected[0]), expected);
    assert_eq!(codes(&rejected[1]), ["DUPLICATE_NAME"]);
    assert_eq!(codes(&rejected[2]), ["DUPLICATE_EMAIL"]);
    let clients = fixture.run("{ clients { totalCount } }").await;
    assert_eq!(clients["clients"]["totalCount"], 3);

    let rows = "{ rows: [{ name: \"JOS FOODS\", tradingName: \"Jos\" }, { name: \"Unknown\" }] }";
    let done = fixture
        .done(
            "updateClients",
            rows,
            "accepted { index client { name tradingName } } rejected { index errors { code field } }",
        )
        .await;
    assert_eq!(done["accepted"], json!([{ "index": 0, "client": { "name": "Jos Foods", "tradingName": "Jos" } }]));
    assert_eq!(done["rejected"], json!([{ "index": 1, "errors": [{ "code": "NOT_FOUND", "field": ["name"] }] }]));
}
