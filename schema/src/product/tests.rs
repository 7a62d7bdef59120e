//! Products through the schema, on a memory database.

use serde_json::{Value, json};

use crate::fixture::Fixture;

const PRODUCT: &str = "product { number price { amountMinor currency } \
    variants { number name isDefault prices { amount { amountMinor } list { number isDefault currency } } } }";

fn number(row: &Value) -> i64 {
    row["number"].as_i64().expect("a number")
}

#[tokio::test]
async fn a_product_has_a_default_variant_with_its_price() {
    let fixture = Fixture::new().await;
    let made = fixture.done("createProduct", "{ name: \"Crate\", price: { amount: \"500\" } }", PRODUCT).await;
    let product = &made["product"];
    assert_eq!(product["price"], json!({ "amountMinor": 50_000, "currency": "NGN" }));
    assert_eq!(product["variants"].as_array().map(Vec::len), Some(1));
    assert_eq!(product["variants"][0]["name"], "Default");
    assert_eq!(product["variants"][0]["isDefault"], true);
    assert_eq!(product["variants"][0]["prices"][0]["list"]["isDefault"], true);
    let change = format!("{{ product: {{ number: {} }}, price: {{ amount: 7 }} }}", number(product));
    let changed = fixture.done("updateProduct", &change, PRODUCT).await;
    assert_eq!(changed["product"]["price"]["amountMinor"], 700);
    assert_eq!(changed["product"]["variants"][0]["prices"][0]["amount"]["amountMinor"], 700);
    let clear = format!("{{ product: {{ number: {} }}, price: null }}", number(product));
    let cleared = fixture.done("updateProduct", &clear, PRODUCT).await;
    assert_eq!(cleared["product"]["price"], Value::Null);
    assert_eq!(cleared["product"]["variants"][0]["prices"], json!([]));
}

#[tokio::test]
async fn variants_are_replaced() {
    let fixture = Fixture::new().await;
    let input = "{ name: \"Crate\", variants: [{ name: \"Small\", prices: [{ amount: { amount: 1 } }] }, \
        { name: \"Large\", isDefault: true, prices: [{ amount: { amount: 2 } }] }] }";
    let made = fixture.done("createProduct", input, PRODUCT).await;
    let product = number(&made["product"]);
    assert_eq!(made["product"]["price"]["amountMinor"], 200);
    assert_eq!(made["product"]["variants"][0]["name"], "Large");
    let small = number(&made["product"]["variants"][1]);
    let input = format!(
        "{{ product: {{ number: {product} }}, variants: [{{ variant: {{ number: {small} }}, name: \"Tiny\" }}, {{ name: \"Huge\" }}] }}"
    );
    let changed = fixture.done("updateProduct", &input, PRODUCT).await;
    let names: Vec<_> =
        changed["product"]["variants"].as_array().expect("variants").iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Tiny", "Huge"]);
    assert_eq!(number(&changed["product"]["variants"][0]), small);
    assert_eq!(changed["product"]["price"]["amountMinor"], 100);
    let two = "{ name: \"Box\", variants: [{ name: \"a\", isDefault: true }, { name: \"b\", isDefault: true }] }";
    assert_eq!(fixture.refused("createProduct", two).await, ("INVALID".into(), "variants.1.isDefault".into()));
    let foreign = format!("{{ name: \"Box\", variants: [{{ variant: {{ number: {small} }}, name: \"a\" }}] }}");
    assert_eq!(fixture.refused("createProduct", &foreign).await, ("NOT_FOUND".into(), "variants.0.variant".into()));
    assert_eq!(fixture.refused("createProduct", "{ name: \"Box\", variants: [] }").await.0, "REQUIRED");
}

#[tokio::test]
async fn there_is_one_default_list_and_prices_follow_it() {
    let fixture = Fixture::new().await;
    let made = fixture.done("createProduct", "{ name: \"Crate\", price: { amount: 5 } }", PRODUCT).await;
    let (product, variant) = (number(&made["product"]), number(&made["product"]["variants"][0]));
    let list = fixture.done("savePriceList", "{ name: \"Export\", currency: \"USD\" }", "list { number }").await;
    let list = number(&list["list"]);
    let input = format!(
        "{{ product: {{ number: {product} }}, variants: [{{ variant: {{ number: {variant} }}, name: \"Crate\", prices: [\
         {{ amount: {{ amount: 5 }} }}, {{ list: {{ number: {list} }}, amount: {{ amount: 1, currency: \"USD\" }} }}] }}] }}"
    );
    fixture.done("updateProduct", &input, PRODUCT).await;
    fixture
        .done("savePriceList", &format!("{{ list: {{ number: {list} }}, isDefault: true }}"), "list { number }")
        .await;
    let after = fixture.run(&format!("{{ product(by: {{ number: {product} }}) {{ price {{ amountMinor currency }} }} priceLists {{ isDefault }} }}")).await;
    assert_eq!(after["product"]["price"], json!({ "amountMinor": 100, "currency": "USD" }));
    let defaults =
        after["priceLists"].as_array().expect("lists").iter().filter(|list| list["isDefault"] == true).count();
    assert_eq!(defaults, 1);
    let other = format!("{{ list: {{ number: {list} }}, currency: \"EUR\" }}");
    assert_eq!(fixture.refused("savePriceList", &other).await, ("WRONG_STATE".into(), "currency".into()));
    let naira = format!("{{ product: {{ number: {product} }}, price: {{ amount: 5 }} }}");
    assert_eq!(fixture.refused("updateProduct", &naira).await, ("INVALID".into(), "price".into()));
}

#[tokio::test]
async fn no_category_is_below_itself() {
    let fixture = Fixture::new().await;
    let mut parent = String::new();
    let mut numbers = Vec::new();
    for name in ["Goods", "Food", "Fruit"] {
        let input = format!("{{ name: \"{name}\" {parent} }}");
        let made = fixture.done("saveProductCategory", &input, "category { number }").await;
        numbers.push(number(&made["category"]));
        parent = format!(", parent: {{ number: {} }}", number(&made["category"]));
    }
    for below in &numbers {
        let input = format!("{{ category: {{ number: {} }}, parent: {{ number: {below} }} }}", numbers[0]);
        assert_eq!(fixture.refused("saveProductCategory", &input).await, ("INVALID".into(), "parent".into()));
    }
}
