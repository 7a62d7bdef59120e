//! Every root field of the schema, called by nobody and by somebody without any permission. What is open must be
//! listed, with the reason, in `rights_exceptions.txt`; what is listed must be open.

use std::collections::BTreeSet;

use async_graphql::parser::types::FieldDefinition;

use crate::support::{
    Actor, TestApp,
    sdl::{SDL, is_marked},
};

const EXCEPTIONS: &str = include_str!("rights_exceptions.txt");

/// The listed fields of a caller (`anonymous` or `signed-in`), each with a reason.
fn listed(caller: &str) -> BTreeSet<String> {
    let lines = EXCEPTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut found = BTreeSet::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let (who, field, reason) = (parts.next(), parts.next(), parts.next().unwrap_or_default().trim());
        assert!(reason.len() > 10, "no reason: {line}");
        if who == Some(caller) {
            assert!(found.insert(field.expect("a field").to_owned()), "twice: {line}");
        }
    }
    found
}

/// A call of the field with the smallest arguments, as an operation of the root type.
fn operation(root: &str, field: &FieldDefinition) -> String {
    let call = SDL.call(field);
    match root {
        "Mutation" => format!("mutation {{ {} }}", call.replace("{ __typename }", "{ errors { code } }")),
        _ => format!("{{ {call} }}"),
    }
}

/// What a call came to: a code, or nothing if it went through.
async fn outcome(actor: &Actor, root: &str, field: &FieldDefinition) -> String {
    let query = operation(root, field);
    let answer = actor.query(&query).await;
    if answer.json.get("errors").is_some() {
        assert!(!answer.code().is_empty() && answer.code() != "INTERNAL", "{query}: {answer:?}");
        return answer.code().to_owned();
    }
    let errors = answer.data(field.name.node.as_str())["errors"].as_array().cloned().unwrap_or_default();
    let is_refused = errors.iter().any(|error| error["code"] == "FORBIDDEN");
    if is_refused { "FORBIDDEN".to_owned() } else { String::new() }
}

fn compare(caller: &str, open: &BTreeSet<String>) {
    let listed = listed(caller);
    let wrong: Vec<&String> = open.difference(&listed).collect();
    assert!(wrong.is_empty(), "open to {caller}, but not listed: {wrong:?}");
    let gone: Vec<&String> = listed.difference(open).collect();
    assert!(gone.is_empty(), "listed for {caller}, but not open: {gone:?}");
}

#[tokio::test]
async fn nobody_gets_in_but_by_the_listed_fields() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    let mut open = BTreeSet::new();
    for root in ["Query", "Mutation"] {
        for field in SDL.fields(root) {
            let outcome = outcome(&nobody, root, field).await;
            let name = format!("{root}.{}", field.name.node);
            if is_marked(field, "anonymous") {
                assert_ne!(outcome, "UNAUTHENTICATED", "{name}");
                open.insert(name);
            } else {
                assert_eq!(outcome, "UNAUTHENTICATED", "{name}");
            }
        }
    }
    compare("anonymous", &open);
}

#[tokio::test]
async fn somebody_without_permission_gets_what_is_listed() {
    let app = TestApp::start().await;
    let mut open = BTreeSet::new();
    for root in ["Query", "Mutation"] {
        for field in SDL.fields(root) {
            let name = format!("{root}.{}", field.name.node);
            if is_marked(field, "anonymous") {
                continue;
            }
            // Somebody new each time: signing out ends the token.
            let somebody = app.staff(&field.name.node, &[]).await;
            let outcome = outcome(&somebody, root, field).await;
            if is_marked(field, "needs") {
                assert_eq!(outcome, "FORBIDDEN", "{name}");
            } else if outcome != "FORBIDDEN" {
                open.insert(name);
            }
        }
    }
    compare("signed-in", &open);
}

#[tokio::test]
async fn each_word_opens_its_fields() {
    let app = TestApp::start().await;
    for root in ["Query", "Mutation"] {
        for field in SDL.fields(root) {
            for word in field.directives.iter().filter(|directive| directive.node.name.node == "needs") {
                let word = word.node.get_argument("permission").expect("a word").node.to_string();
                let word = word.trim_matches('"');
                // Setting a password takes a code, not a word alone.
                if word == "password.reset" {
                    continue;
                }
                let name = format!("{} {word}", field.name.node);
                // An endpoint is told of nothing that its owner may not read.
                let more: &[&str] = if word == "webhooks.manage" { &["leads.read", "leads.all"] } else { &[] };
                let holder = app.staff(&name, &[&[word], more].concat()).await;
                let outcome = outcome(&holder, root, field).await;
                assert!(outcome != "FORBIDDEN" && outcome != "UNAUTHENTICATED", "{name}");
            }
        }
    }
}
