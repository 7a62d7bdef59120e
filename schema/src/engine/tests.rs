//! The schema as a whole: it is sound, it is the committed one, and everything in it is said and done.

use async_graphql::parser::types::TypeKind;

use super::{DOCUMENT, MODEL, model::Binding, print::print};

#[test]
fn every_field_has_something_behind_it() {
    assert!(MODEL.objects.len() > 100);
}

#[test]
fn every_mutation_is_done_by_something() {
    let mutations = &MODEL.object("Mutation").fields;
    let undone: Vec<&str> = mutations
        .values()
        .filter(|field| !matches!(field.binding, Binding::Write { .. } | Binding::Record { .. }))
        .map(|field| field.name.as_str())
        .filter(|name| crate::registry::verb(name).is_none())
        .collect();
    assert_eq!(undone, Vec::<&str>::new());
    let unknown: Vec<&str> = crate::registry::names().filter(|name| !mutations.contains_key(*name)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn everything_is_described() {
    let mut silent = Vec::new();
    for (name, found) in &DOCUMENT.types {
        if found.description.is_none() {
            silent.push(name.clone());
        }
        let fields = DOCUMENT.fields(name).iter().map(|field| (&field.node.name, &field.node.description));
        let members = match &found.kind {
            TypeKind::InputObject(input) => input.fields.as_slice(),
            _ => &[],
        };
        let members = members.iter().map(|member| (&member.node.name, &member.node.description));
        for (field, description) in fields.chain(members) {
            if description.is_none() {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn the_committed_schema_is_the_printed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == print(&DOCUMENT), "run `cargo run -- schema print > schema/schema.graphql`");
}
