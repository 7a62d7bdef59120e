//! How far a mapping serves: what of the contract it lacks, and what of the foreign schema it gets wrong.
//! It must not know HTTP.

use super::{Mapping, operation::Selected};
use crate::federation::{
    collection::Collection,
    contract::{self, CollectionState, Place},
    key::{KeyKind, OrderKey},
    outline::{FieldOutline, Outline, TypeOutline},
    question::{Field, Member},
};

/// What a mapping promises, before anything is asked.
#[must_use]
pub fn promise(mapping: &Mapping) -> CollectionState {
    let collection = mapping.collection;
    let mut state = CollectionState {
        is_offered: true,
        paging: mapping.paging.word(),
        filterable_fields: mapping.filterable(),
        orderable_fields: mapping.orderable(),
        message: None,
        mapping: Some(mapping.text.clone()),
        ..CollectionState::lacking(collection, "")
    };
    let mut required = Vec::new();
    for (name, is_required) in contract::row_fields(collection).filter(|(name, _)| *name != "id") {
        let lacking = lacking(mapping, name);
        if is_required { required.extend(lacking) } else { state.missing_fields.extend(lacking) }
    }
    if !mapping.levels.iter().any(|level| level.total.is_some()) && mapping.paging != super::Paging::None {
        state.missing_fields.push("totalCount".into());
    }
    if !required.is_empty() {
        state.is_offered = false;
        state.message = Some(format!("Required, but not mapped: {}.", required.join(", ")));
    }
    state
}

/// What of a field is not mapped: the field itself, or what must be there of an object that is begun.
fn lacking(mapping: &Mapping, path: &str) -> Vec<String> {
    let below = format!("{path}.");
    let is_begun = mapping.fields().any(|field| field == path || field.starts_with(&below));
    if !is_begun {
        return vec![path.to_owned()];
    }
    match contract::place(mapping.collection, path) {
        Some(Place::Object) => {
            let of = contract::type_at(mapping.collection, path);
            let needed = of
                .into_iter()
                .flat_map(contract::fields_of)
                .filter(|(name, is_required)| *is_required && *name != "id");
            needed.flat_map(|(name, _)| lacking(mapping, &format!("{path}.{name}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// All that is mapped, as a selection.
#[must_use]
pub fn all_members(mapping: &Mapping) -> Vec<Member> {
    members(mapping, "", mapping.collection.type_name())
}

fn members(mapping: &Mapping, path: &str, of: &str) -> Vec<Member> {
    let is_mapped = |path: &str| {
        let below = format!("{path}.");
        mapping.fields().any(|field| field == path || field.starts_with(&below))
    };
    let fields = contract::outline(of).into_iter().flat_map(|of| &of.fields);
    fields
        .filter_map(|field: &FieldOutline| {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            if !is_mapped(&path) {
                return None;
            }
            let asked = Field {
                name: field.name.clone(),
                arguments: String::new(),
                is_nullable: field.of.is_nullable,
                is_list: field.of.is_list,
            };
            let key = field.name.clone();
            Some(match contract::kind(&field.of.name) {
                Some(kind) => Member::Scalar { key, field: asked, kind },
                None => Member::Object { key, field: asked, members: members(mapping, &path, &field.of.name) },
            })
        })
        .collect()
}

/// The key of an order, if the contract alone says how its values compare.
#[must_use]
pub fn order_key(collection: Collection, word: &str, is_descending: bool) -> Option<OrderKey> {
    let mut path = String::new();
    for (index, part) in word.to_ascii_lowercase().split('_').enumerate() {
        match part.chars().next() {
            Some(first) if index > 0 => path.extend(first.to_uppercase().chain(part.chars().skip(1))),
            _ => path.push_str(part),
        }
    }
    let of = contract::field_type(collection, &path)?;
    let kind = match of {
        "DateTime" => KeyKind::Instant,
        "Date" => KeyKind::Day,
        "Int" | "Long" | "Float" | "Decimal" => KeyKind::Number,
        "Boolean" => KeyKind::Flag,
        "String" | "EmailAddress" => KeyKind::Text,
        "Money" => {
            path.push_str(" { amountMinor }");
            KeyKind::Number
        }
        _ => return None,
    };
    Some(OrderKey { field: word.to_owned(), is_descending, path, kind })
}

/// What the document selects that the foreign schema does not have, each as a path with the reason.
#[must_use]
pub fn against(schema: &Outline, fields: &[Selected]) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(query) = schema.query() {
        compare(schema, query, fields, "", &mut faults);
    }
    faults
}

fn compare(schema: &Outline, of: &TypeOutline, fields: &[Selected], path: &str, faults: &mut Vec<String>) {
    for field in fields.iter().filter(|field| !field.name.starts_with("__")) {
        let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
        let Some(found) = of.field(&field.name) else {
            faults.push(format!("{path} is not in its schema"));
            continue;
        };
        let inner = schema.named(&found.of.name);
        let is_object = inner.is_some_and(|of| !of.fields.is_empty());
        match inner {
            Some(inner) if is_object && !field.members.is_empty() => {
                compare(schema, inner, &field.members, &path, faults);
            }
            _ if is_object => faults.push(format!("{path} is an object there: select its members")),
            Some(_) if !field.members.is_empty() => faults.push(format!("{path} is one value there")),
            _ => {}
        }
    }
}
