//! The fields that a selection asks of one object type: fragments spread, equal response keys merged.

use std::fmt::Write;

use async_graphql::{
    Positioned, Value,
    parser::types::{Directive, Selection, SelectionSet},
};

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

impl<'a> Item<'a> {
    /// The response key.
    #[must_use]
    pub fn key(&self) -> &'a str {
        match self {
            Self::Typename { key } => key,
            Self::Field(selected) => selected.key,
        }
    }
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
    let mut collector = Collector { request, object, only: None, items: Vec::new() };
    for set in sets {
        collector.add(set);
    }
    collector.items
}

/// What is asked of `object` under one response key; the arguments of the others are not touched.
#[must_use]
pub fn one<'a>(
    request: &Request<'a>,
    object: &'static Object,
    set: &'a SelectionSet,
    key: &str,
) -> Option<Selected<'a>> {
    let mut collector = Collector { request, object, only: Some(key), items: Vec::new() };
    collector.add(set);
    collector.items.into_iter().find_map(|item| match item {
        Item::Field(selected) => Some(selected),
        Item::Typename { .. } => None,
    })
}

struct Collector<'r, 'a> {
    request: &'r Request<'a>,
    object: &'static Object,
    /// The one response key that matters.
    only: Option<&'r str>,
    items: Vec<Item<'a>>,
}

impl<'a> Collector<'_, 'a> {
    fn add(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            if !is_included(self.request, selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(found) => self.add_field(&found.node),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.request.fragment(&spread.node.fragment_name.node)
                        && self.request.model().applies(self.object, &fragment.type_condition.node.on.node)
                    {
                        self.add(&fragment.selection_set.node);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition.is_none_or(|on| self.request.model().applies(self.object, &on.node.on.node)) {
                        self.add(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn add_field(&mut self, found: &'a async_graphql::parser::types::Field) {
        let key = found.response_key().node.as_str();
        if self.only.is_some_and(|only| only != key) {
            return;
        }
        let earlier = self.items.iter_mut().find(|item| match item {
            Item::Typename { key: earlier } => *earlier == key,
            Item::Field(selected) => selected.key == key,
        });
        match earlier {
            Some(Item::Field(selected)) => selected.sets.push(&found.selection_set.node),
            Some(Item::Typename { .. }) => {}
            None if found.name.node == "__typename" => self.items.push(Item::Typename { key }),
            None => {
                // Validation has run: an unknown field is one of a type that this object is not.
                if let Some(field) = self.object.fields.get(found.name.node.as_str()) {
                    let arguments = coerce::arguments(self.request, &field.arguments, found);
                    let sets = vec![&found.selection_set.node];
                    self.items.push(Item::Field(Selected { key, field, arguments, sets }));
                }
            }
        }
    }
}

/// What `@skip` and `@include` say. Validation has run: their conditions are there, and Boolean.
fn is_included(request: &Request<'_>, directives: &[Positioned<Directive>]) -> bool {
    directives.iter().all(|Positioned { node: directive, .. }| {
        let condition = directive.get_argument("if").and_then(|value| coerce::constant(request, &value.node));
        match directive.name.node.as_str() {
            "skip" => condition != Some(Value::Boolean(true)),
            "include" => condition != Some(Value::Boolean(false)),
            _ => true,
        }
    })
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
