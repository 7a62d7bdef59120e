//! Prospects and their imports through the schema, on a memory database.

use serde_json::{Value, json};

use crate::fixture::Fixture;

const PROSPECT: &str = "prospect { number name email lifecycle owner { name } followUp { category { key } } }";

fn number(row: &Value) -> i64 {
    row["number"].as_i64().expect("a number")
}

async fn prospect(fixture: &Fixture, input: &str) -> i64 {
    number(&fixture.done("createProspect", input, PROSPECT).await["prospect"])
}

#[tokio::test]
async fn a_prospect_is_named_owned_and_on_the_board() {
    let fixture = Fixture::new().await;
    let input = "{ companyName: \"Sahel Logistics\", email: \"Amina@Sahel.Example\" }";
    let made = fixture.done("createProspect", input, PROSPECT).await;
    let row = &made["prospect"];
    assert_eq!(row["name"], "Sahel Logistics");
    assert_eq!(row["owner"]["name"], "Ada Obi");
    assert_eq!(row["followUp"]["category"]["key"], "new_lead");
    let input = format!("{{ prospect: {{ number: {} }}, contactName: \"Amina Yusuf\" }}", number(row));
    let renamed = fixture.done("updateProspect", &input, PROSPECT).await;
    assert_eq!(renamed["prospect"]["name"], "Amina Yusuf");
    assert_eq!(
        fixture.refused("createProspect", "{ nextAction: \"Call\" }").await,
        ("REQUIRED".into(), "contactName".into())
    );
    let again = "{ contactName: \"Other\", email: \"amina@sahel.example\" }";
    assert_eq!(fixture.refused("createProspect", again).await, ("DUPLICATE_EMAIL".into(), "email".into()));
}

#[tokio::test]
async fn an_address_stands_for_one_party() {
    let fixture = Fixture::new().await;
    let first = prospect(
        &fixture,
        "{ contactName: \"Amina\", email: \"amina@sahel.example\", phone: { number: \"+2348011223344\" } }",
    )
    .await;
    let contact = format!("{{ prospect: {{ number: {first} }}, givenName: \"Musa\", email: \"AMINA@sahel.example\" }}");
    assert_eq!(fixture.refused("addContact", &contact).await, ("DUPLICATE_EMAIL".into(), "email".into()));
    let contact = format!("{{ prospect: {{ number: {first} }}, givenName: \"Musa\", email: \"musa@sahel.example\" }}");
    fixture.done("addContact", &contact, "contact { number }").await;
    let second = "{ contactName: \"Musa\", email: \"musa@sahel.example\" }";
    assert_eq!(fixture.refused("createProspect", second).await.0, "DUPLICATE_EMAIL");
    let phone = "{ contactName: \"Musa\", phone: { number: \"+2348011223344\" } }";
    assert_eq!(fixture.refused("createProspect", phone).await, ("DUPLICATE_PHONE".into(), "phone".into()));
    let same = format!("{{ prospect: {{ number: {first} }}, email: \"amina@sahel.example\" }}");
    fixture.done("updateProspect", &same, PROSPECT).await;
}

#[tokio::test]
async fn moves_are_kept() {
    let fixture = Fixture::new().await;
    let row = prospect(&fixture, "{ contactName: \"Amina\" }").await;
    let of = format!("prospect: {{ number: {row} }}");
    let selection = "previousLifecycle prospect { lifecycle lifecycleChanges { from to reason } }";
    let moved = fixture.done("moveProspect", &format!("{{ {of}, lifecycle: CONTACTED }}"), selection).await;
    assert_eq!(moved["previousLifecycle"], "NEW");
    assert_eq!(
        fixture.refused("moveProspect", &format!("{{ {of}, lifecycle: DISQUALIFIED }}")).await,
        ("REQUIRED".into(), "reason".into())
    );
    let bad = format!("{{ {of}, qualification: {{ budgetRange: \"lots\", fitScore: 101 }} }}");
    assert_eq!(fixture.refused("qualifyProspect", &bad).await, ("INVALID".into(), "qualification.budgetRange".into()));
    let good =
        format!("{{ {of}, qualification: {{ budgetRange: \"10000-25000\", fitScore: 80, isDecisionMaker: true }} }}");
    let selection =
        "prospect { lifecycle qualification { budgetRange fitScore isDecisionMaker } lifecycleChanges { from to } }";
    let qualified = fixture.done("qualifyProspect", &good, selection).await;
    assert_eq!(
        qualified["prospect"],
        json!({
            "lifecycle": "QUALIFIED",
            "qualification": { "budgetRange": "10000-25000", "fitScore": 80, "isDecisionMaker": true },
            "lifecycleChanges": [{ "from": "NEW", "to": "CONTACTED" }, { "from": "CONTACTED", "to": "QUALIFIED" }]
        })
    );
    fixture.done("moveProspect", &format!("{{ {of}, lifecycle: CONVERTED }}"), "previousLifecycle").await;
    assert_eq!(
        fixture.refused("moveProspect", &format!("{{ {of}, lifecycle: NEW }}")).await,
        ("WRONG_STATE".into(), "prospect".into())
    );
}

#[tokio::test]
async fn follow_up_data_change() {
    let fixture = Fixture::new().await;
    let row = prospect(&fixture, "{ companyName: \"Sahel Logistics\" }").await;
    let input = format!(
        "{{ prospect: {{ number: {row} }}, name: \"Amina\", category: {{ number: 1 }}, monthlyShipments: 40, \
         accountType: SME, accountValue: {{ amount: 12 }}, campaign: {{ name: \"spring\" }}, \
         roleHolders: [{{ role: {{ name: \"KAE\" }}, staff: {{ number: 1 }} }}] }}"
    );
    let selection = "client { name } prospect { name } followUp { category { key } monthlyShipments monthlyShipmentsLabel \
        accountType accountValue { amountMinor currency } campaign { name } daysInCategory roleHolders { role { name } staff { name } } }";
    let changed = fixture.done("updateFollowUp", &input, selection).await;
    assert_eq!(changed["prospect"]["name"], "Amina");
    assert_eq!(changed["client"], Value::Null);
    assert_eq!(
        changed["followUp"],
        json!({
            "category": { "key": "contacted" }, "monthlyShipments": 40, "monthlyShipmentsLabel": "40", "accountType": "SME",
            "accountValue": { "amountMinor": 1200, "currency": "NGN" }, "campaign": { "name": "Spring" }, "daysInCategory": 0,
            "roleHolders": [{ "role": { "name": "kae" }, "staff": { "name": "Ada Obi" } }]
        })
    );
    let clear = format!("{{ prospect: {{ number: {row} }}, campaign: null, accountValue: null, roleHolders: [] }}");
    let cleared = fixture.done("updateFollowUp", &clear, selection).await;
    assert_eq!(cleared["followUp"]["campaign"], Value::Null);
    assert_eq!(cleared["followUp"]["accountValue"], Value::Null);
    assert_eq!(cleared["followUp"]["roleHolders"], json!([]));
    assert_eq!(cleared["followUp"]["monthlyShipments"], 40);
    assert_eq!(fixture.refused("updateFollowUp", "{ name: \"x\" }").await, ("REQUIRED".into(), "prospect".into()));
    let unknown = format!("{{ prospect: {{ number: {row} }}, campaign: {{ name: \"kae\" }} }}");
    assert_eq!(fixture.refused("updateFollowUp", &unknown).await, ("UNKNOWN_VALUE".into(), "campaign".into()));
    let client = fixture.done("createClient", "{ name: \"Kano Mills\" }", "client { number }").await;
    let input = format!("{{ client: {{ number: {} }}, name: \"Kano Mills Ltd\" }}", number(&client["client"]));
    let changed =
        fixture.done("updateFollowUp", &input, "client { name followUp { category { key } } } prospect { name }").await;
    assert_eq!(
        changed["client"],
        json!({ "name": "Kano Mills Ltd", "followUp": { "category": { "key": "new_lead" } } })
    );
}

#[tokio::test]
async fn only_partners_have_partner_data() {
    let fixture = Fixture::new().await;
    let row = prospect(&fixture, "{ contactName: \"Amina\" }").await;
    let partner = prospect(&fixture, "{ contactName: \"Musa\", kind: PARTNER }").await;
    let input = |row: i64, rating: i64| {
        format!("{{ prospect: {{ number: {row} }}, rating: {rating}, url: \"https://sahel.example\" }}")
    };
    assert_eq!(
        fixture.refused("updatePartnerProfile", &input(row, 5)).await,
        ("WRONG_STATE".into(), "prospect".into())
    );
    assert_eq!(fixture.refused("updatePartnerProfile", &input(partner, 6)).await, ("INVALID".into(), "rating".into()));
    let selection = "prospect { partnerProfile { rating url } }";
    fixture.done("updatePartnerProfile", &input(partner, 5), selection).await;
    let changed = fixture.done("updatePartnerProfile", &input(partner, 4), selection).await;
    assert_eq!(changed["prospect"]["partnerProfile"], json!({ "rating": 4, "url": "https://sahel.example" }));
}

const ROWS: &str = "[{ contactName: \"New\", email: \"new@x.example\", monthlyShipments: \"100-500\" }, \
    { email: \"amina@sahel.example\", phoneCountryCode: 234, phoneNumber: 8011223344 }, \
    { email: \"amina@sahel.example\", phoneCountryCode: 234, phoneNumber: 8011223345 }, \
    { email: \"NEW@x.example\" }, { email: \"nobody\" }, { companyName: \"Only Company\" }]";

#[tokio::test]
async fn an_import_does_what_its_preview_says() {
    let fixture = Fixture::new().await;
    let known = prospect(&fixture, "{ email: \"amina@sahel.example\", phone: { number: \"+2348011223344\" } }").await;
    let row = "index prospect { number name } error { code conflictsWith { number } }";
    let preview = format!(
        "{{ it: prospectImportPreview(rows: {ROWS}) {{ inserts {{ {row} }} updates {{ {row} }} rejected {{ {row} email }} }} }}"
    );
    let preview = fixture.run(&preview).await["it"].take();
    let indexes = |rows: &Value| {
        rows.as_array().expect("rows").iter().map(|row| row["index"].as_i64().expect("an index")).collect::<Vec<_>>()
    };
    assert_eq!(indexes(&preview["inserts"]), [0, 5]);
    assert_eq!(indexes(&preview["updates"]), [1]);
    assert_eq!(preview["updates"][0]["prospect"]["number"], known);
    assert_eq!(indexes(&preview["rejected"]), [2, 3, 4]);
    let codes: Vec<_> =
        preview["rejected"].as_array().expect("rows").iter().map(|row| row["error"]["code"].clone()).collect();
    assert_eq!(codes, ["DUPLICATE_EMAIL", "DUPLICATE_EMAIL", "INVALID"]);
    assert_eq!(preview["rejected"][1]["email"], "NEW@x.example");

    let selection = "accepted { index monthlyShipments prospect { name followUp { monthlyShipments monthlyShipmentsLabel category { key } } } } rejected { index error { code conflictsWith { number } } }";
    let made = fixture.done("createProspects", &format!("{{ rows: {ROWS} }}"), selection).await;
    assert_eq!(indexes(&made["accepted"]), [0, 5]);
    assert_eq!(
        made["accepted"][0]["prospect"]["followUp"],
        json!({ "monthlyShipments": 100, "monthlyShipmentsLabel": "100-500", "category": { "key": "new_lead" } })
    );
    assert_eq!(indexes(&made["rejected"]), [1, 2, 3, 4]);
    assert_eq!(
        made["rejected"][0]["error"],
        json!({ "code": "DUPLICATE_EMAIL", "conflictsWith": { "number": known } })
    );
    let again = fixture.done("createProspects", &format!("{{ rows: {ROWS} }}"), selection).await;
    // A company alone is no key, so that row is made again.
    assert_eq!(indexes(&again["accepted"]), [5]);
}

#[tokio::test]
async fn two_imports_at_once_make_each_row_once() {
    let fixture = Fixture::new().await;
    let rows: Vec<_> = (0..20).map(|index| format!("{{ email: \"p{index}@x.example\" }}")).collect();
    let input = format!("{{ rows: [{}] }}", rows.join(", "));
    let import = || fixture.mutate("createProspects", &input, "accepted { index } rejected { index }");
    let (one, two) = futures_util::future::join(import(), import()).await;
    let count = |payload: &Value, member: &str| payload[member].as_array().map_or(0, Vec::len);
    assert_eq!(count(&one, "accepted") + count(&two, "accepted"), 20);
    assert_eq!(count(&one, "rejected") + count(&two, "rejected"), 20);
    // Whoever came second had nothing to create: that is a failure of the whole, row by row.
    let (codes, others) = if count(&one, "accepted") == 0 { (&one, &two) } else { (&two, &one) };
    assert_eq!((count(codes, "errors"), count(others, "errors")), (20, 0));
    assert_eq!(codes["errors"][7]["field"], json!(["rows", "7", "email"]));
}
