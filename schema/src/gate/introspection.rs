//! What questions about the schema itself cost: their lists are as long as the schema is large. It bounds the circles
//! that introspection allows (`fields { type { fields { type { …`).

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet, TypeDefinition, TypeKind};

use crate::engine::DOCUMENT;

/// Values that are read from memory for the price of one from the database.
const VALUES_PER_FIELD: u64 = 10;

/// Length of a list.
#[derive(Clone, Copy, Default)]
struct Length {
    /// Over the whole schema.
    total: u64,
    /// Of one type or field.
    most: u64,
}

static LENGTHS: LazyLock<HashMap<&str, Length>> = LazyLock::new(lengths);

fn lengths() -> HashMap<&'static str, Length> {
    let mut lengths: HashMap<&str, Length> = HashMap::new();
    let mut add = |name, length: usize| {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let entry = lengths.entry(name).or_default();
        entry.total += length;
        entry.most = entry.most.max(length);
    };
    for (name, found) in &DOCUMENT.types {
        let fields = DOCUMENT.fields(name);
        add("fields", fields.len());
        for field in fields {
            add("args", field.node.arguments.len());
        }
        match &found.kind {
            TypeKind::InputObject(input) => add("inputFields", input.fields.len()),
            TypeKind::Enum(choice) => add("enumValues", choice.values.len()),
            TypeKind::Object(object) => add("interfaces", object.implements.len()),
            TypeKind::Interface(_) => add("possibleTypes", implementers(name)),
            _ => {}
        }
    }
    add("types", DOCUMENT.types.len());
    add("directives", DOCUMENT.others.len());
    lengths
}

/// Object types that have an interface.
fn implementers(interface: &str) -> usize {
    let implements = |found: &&TypeDefinition| match &found.kind {
        TypeKind::Object(object) => object.implements.iter().any(|name| name.node == interface),
        _ => false,
    };
    DOCUMENT.types.values().filter(implements).count()
}

/// The cost of `__schema` or `__type` with this selection.
pub fn cost(document: &ExecutableDocument, set: &SelectionSet) -> u64 {
    let many = Many { times: 1, is_every_type: false };
    count(document, set, many).div_ceil(VALUES_PER_FIELD)
}

/// How often a selection is carried out.
#[derive(Clone, Copy)]
struct Many {
    times: u64,
    /// Whether that is once for each type, or for each field of each type.
    is_every_type: bool,
}

/// Fragments have been found few enough to be written out.
fn count(document: &ExecutableDocument, set: &SelectionSet, many: Many) -> u64 {
    let parts = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            let inner = below(&field.node.name.node, many);
            inner.times.saturating_add(count(document, &field.node.selection_set.node, inner))
        }
        Selection::InlineFragment(fragment) => count(document, &fragment.node.selection_set.node, many),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.map_or(0, |fragment| count(document, &fragment.node.selection_set.node, many))
        }
    });
    parts.fold(0, u64::saturating_add)
}

fn below(field: &str, many: Many) -> Many {
    match LENGTHS.get(field) {
        Some(length) if field == "types" => Many { times: length.total, is_every_type: true },
        Some(length) if many.is_every_type => Many { times: length.total, is_every_type: field == "fields" },
        Some(length) => Many { times: many.times.saturating_mul(length.most), is_every_type: false },
        // Into the type of a field: the next list is no longer that of every type once.
        None => Many { is_every_type: false, ..many },
    }
}
