//! The fields that a selection asks of one object type: fragments spread, equal response keys merged.

use std::fmt::Write;

use async_graphql::parser::types::{Selection, SelectionSet};

use super::{
    coerce::{self, Arguments},
    model::{Field, Object},
    request::Request,
};

/// One response key.
pub enum Item<'a> {
    Typename { key: &'a str },
    Field(Selected<'a>),
}

/// A selected field.
pub struct Selected<'a> {
    pub key: &'a str,
    pub field: &'static Field,
    pub arguments: Arguments,
    /// Sub-selections; several if the key was selected more than once.
    pub sets: Vec<&'a SelectionSet>,
}

/// What is asked of `object`, in order of first appearance.
#[must_use]
pub fn collect<'a>(request: &Request<'a>, object: &'static Object, sets: &[&'a SelectionSet]) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for set in sets {
        add(request, object, set, &mut items);
    }
    items
}

fn add<'a>(request: &Request<'a>, object: &'static Object, set: &'a SelectionSet, items: &mut Vec<Item<'a>>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(found) => add_field(request, object, &found.node, items),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = request.fragment(&spread.node.fragment_name.node)
                    && request.model().applies(object, &fragment.type_condition.node.on.node)
                {
                    add(request, object, &fragment.selection_set.node, items);
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.is_none_or(|on| request.model().applies(object, &on.node.on.node)) {
                    add(request, object, &fragment.node.selection_set.node, items);
                }
            }
        }
    }
}

fn add_field<'a>(
    request: &Request<'a>,
    object: &'static Object,
    found: &'a async_graphql::parser::types::Field,
    items: &mut Vec<Item<'a>>,
) {
    let key = found.response_key().node.as_str();
    let earlier = items.iter_mut().find(|item| match item {
        Item::Typename { key: earlier } => *earlier == key,
        Item::Field(selected) => selected.key == key,
    });
    match earlier {
        Some(Item::Field(selected)) => selected.sets.push(&found.selection_set.node),
        Some(Item::Typename { .. }) => {}
        None if found.name.node == "__typename" => items.push(Item::Typename { key }),
        None => {
            // Validation has run: an unknown field is one of a type that this object is not.
            if let Some(field) = object.fields.get(found.name.node.as_str()) {
                let arguments = coerce::arguments(request, &field.arguments, found);
                items.push(Item::Field(Selected { key, field, arguments, sets: vec![&found.selection_set.node] }));
            }
        }
    }
}

/// Begins a member of an object that is being written: comma and key. A `__typename` is finished with that; the
/// value of a field is left to the caller.
pub fn begin<'a>(out: &mut String, object: &Object, item: Item<'a>) -> Option<Selected<'a>> {
    if !out.ends_with('{') {
        out.push(',');
    }
    match item {
        Item::Typename { key } => {
            let _ = write!(out, "\"{key}\":\"{}\"", object.name);
            None
        }
        Item::Field(selected) => {
            let _ = write!(out, "\"{}\":", selected.key);
            Some(selected)
        }
    }
}
