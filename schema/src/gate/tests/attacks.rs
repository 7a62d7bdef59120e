//! Documents that are made to hurt. What would take exponential time shows by not ending.

use async_graphql::{Request, Response, Value};

use crate::{
    gate::{Schema, Trusted},
    settings::Graphql,
    trial::Trial,
};

/// `count` fragments, each of which spreads the next one twice.
fn doubled(count: usize) -> String {
    let each = |index: usize| format!("fragment F{index} on Query {{ ...F{0} ...F{0} }} ", index + 1);
    let fragments: String = (0..count).map(each).collect();
    format!("{{ ...F0 }} {fragments} fragment F{count} on Query {{ __typename }}")
}

fn repeated(before: &str, part: impl Fn(usize) -> String, count: usize, after: &str) -> String {
    format!("{before}{}{after}", (0..count).map(part).collect::<String>())
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// Documents with the code of their refusal.
fn attacks() -> Vec<(&'static str, String)> {
    let argument = |value: &str| format!("{{ leads(filter: {value}) {{ totalCount }} }}");
    let deals = "deals(first: 100) { nodes { ";
    let cube = format!("{deals} client {{ {deals} id }} }} }} }} }}");
    let circle = nested("type { fields { ", "name", " } }", 4);
    vec![
        ("TOO_MANY_SELECTIONS", doubled(60)),
        ("TOO_MANY_SELECTIONS", doubled(14)),
        ("TOO_MANY_TOKENS", doubled(900)),
        ("GRAPHQL_VALIDATION_FAILED", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".into()),
        ("TOO_DEEP", nested("{ a ", "", "}", 500)),
        ("TOO_DEEP", nested("{ a ", "", "}", 16)),
        ("TOO_DEEP", repeated("{ ...F0 }", |i| format!(" fragment F{i} on Query {{ ...F{} }}", i + 1), 100, "")),
        ("TOO_DEEP", argument(&nested("[", "", "]", 500))),
        ("TOO_DEEP", argument(&nested("{a: ", "1", "}", 300))),
        ("TOO_DEEP", format!("query($v: {}) {{ __typename }}", nested("[", "Int", "]", 100))),
        ("QUERY_TOO_LONG", nested("{ a ", "", "}", 100_000)),
        ("QUERY_TOO_LONG", nested("[", "", "]", 100_000)),
        ("QUERY_TOO_LONG", format!("{{ {} }}", "x".repeat(1_000_000))),
        ("TOO_MANY_TOKENS", nested("{ a ", "", "}", 10_000)),
        ("TOO_MANY_ALIASES", repeated("{", |i| format!(" a{i}: __typename"), 600, "}")),
        ("TOO_MANY_ALIASES", repeated("{ lead {", |i| format!(" a{i}: name"), 31, "} }")),
        ("TOO_MANY_TOKENS", repeated("{", |i| format!(" a{i}: __typename"), 1000, "}")),
        ("TOO_MANY_ROOT_FIELDS", repeated("{", |_| " __typename".into(), 1900, "}")),
        ("TOO_MANY_ROOT_FIELDS", repeated("{", |_| " ...F".into(), 11, "} fragment F on Query { a b }")),
        ("TOO_MANY_TOKENS", repeated("{", |_| " __typename".into(), 9000, "}")),
        ("TOO_MANY_DIRECTIVES", repeated("{ __typename", |_| " @skip(if: false)".into(), 11, "}")),
        ("TOO_MANY_DIRECTIVES", repeated("{ lead {", |_| " name @skip(if: false)".into(), 51, "} }")),
        ("TOO_MANY_TOKENS", repeated("{ __typename", |_| " @a".into(), 2000, "}")),
        ("TOO_EXPENSIVE", format!("{{ __schema {{ types {{ fields {{ {circle} }} }} }} }}")),
        ("TOO_EXPENSIVE", format!("{{ clients(first: 100) {{ nodes {{ {cube} }} }} }}")),
        ("GRAPHQL_PARSE_FAILED", "{ a(b: \"".into()),
        ("GRAPHQL_PARSE_FAILED", "{ a \u{1} }".into()),
        ("GRAPHQL_PARSE_FAILED", "{ a ".into()),
        ("GRAPHQL_PARSE_FAILED", String::new()),
        ("GRAPHQL_PARSE_FAILED", "#".repeat(90_000)),
        ("GRAPHQL_PARSE_FAILED", ",".repeat(90_000)),
    ]
}

fn code(response: &Response) -> Option<&Value> {
    response.errors.first()?.extensions.as_ref()?.get("code")
}

#[tokio::test]
async fn attacks_are_refused_with_their_code() {
    let schema = crate::schema(Trial::new().await.hub);
    for (expected, text) in attacks() {
        let response = schema.execute(text.as_str()).await;
        let shown: String = text.chars().take(100).collect();
        assert_eq!(code(&response), Some(&expected.into()), "{shown}: {:?}", response.errors);
        assert_eq!((response.data, response.errors.len()), (Value::Null, 1), "{shown}");
        assert!(response.errors[0].message.len() <= 600, "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_limit_and_what_was_found() {
    let schema = crate::schema(Trial::new().await.hub);
    let response = schema.execute(doubled(14)).await;
    let extensions = response.errors[0].extensions.as_ref().unwrap();
    // 2 + 4 + … + 2^14 spreads, 2^14 fields, and the first spread.
    assert_eq!(extensions.get("found"), Some(&(2 * (1 << 14) - 2 + (1 << 14) + 1).into()));
    assert_eq!(extensions.get("limit"), Some(&10_000.into()));
}

#[tokio::test]
async fn trusted_documents_are_free_of_the_limits_and_open_no_door() {
    let limits = Graphql { max_aliases: 2, ..Graphql::default() };
    let schema = Schema::new(Trial::new().await.hub, limits);
    let text = "{ a: __typename b: __typename c: __typename }";
    let trusted = schema.execute(Request::new(text).data(Trusted)).await;
    assert!(trusted.is_ok(), "{:?}", trusted.errors);
    assert_eq!(code(&schema.execute(text).await), Some(&"TOO_MANY_ALIASES".into()), "though the document is kept");
    let endless = schema.execute(Request::new(doubled(60)).data(Trusted)).await;
    assert_eq!(code(&endless), Some(&"TOO_MANY_SELECTIONS".into()), "that would never end");
}
