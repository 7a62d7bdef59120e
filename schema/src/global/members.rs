//! What is selected of a row, in the words of the federation: leaves, objects, and the companies that the hub
//! writes itself.

use std::sync::LazyLock;

use async_graphql::{Value, parser::types::SelectionSet};

use crate::{
    engine::{
        collect::{Item, Selected, collect},
        model::{Binding, Object},
        request::Request,
    },
    federation::{
        contract::{self, SUBSIDIARY},
        outline::Outline,
        question::{Field, Member},
    },
};

/// What a native source may be asked for.
static OFFERED: LazyLock<Outline> =
    LazyLock::new(|| Outline::from_sdl(SUBSIDIARY).expect("a test reads the contract"));

/// Selections of `tenant`, each once; their places are the slots.
#[derive(Default)]
pub struct Tenants<'a> {
    pub slots: Vec<Vec<&'a SelectionSet>>,
}

/// The members of an object of a source, in the client's order.
#[must_use]
pub fn of<'a>(
    request: &Request<'a>,
    object: &'static Object,
    sets: &[&'a SelectionSet],
    tenants: &mut Tenants<'a>,
) -> Vec<Member> {
    collect(request, object, sets)
        .into_iter()
        .map(|item| match item {
            Item::Typename { key } => Member::Typename { key: key.to_owned(), name: object.name.clone() },
            Item::Field(selected) => member(request, object, selected, tenants),
        })
        .collect()
}

fn member<'a>(
    request: &Request<'a>,
    object: &'static Object,
    selected: Selected<'a>,
    tenants: &mut Tenants<'a>,
) -> Member {
    let key = selected.key.to_owned();
    let field = selected.field;
    if field.of.name == "Tenant" {
        tenants.slots.push(selected.sets);
        return Member::Tenant { key, slot: tenants.slots.len() - 1 };
    }
    let is_hidden = !field.needs.is_empty() && !field.needs.iter().any(|word| request.viewer.may(word));
    let is_offered = OFFERED.named(&object.name).is_some_and(|found| found.field(&field.name).is_some());
    if is_hidden || !is_offered || matches!(field.binding, Binding::Party { .. } | Binding::Subject) {
        return Member::Missing { key };
    }
    let asked = Field {
        name: field.name.clone(),
        arguments: arguments(&selected),
        is_nullable: !field.of.is_required,
        is_list: field.of.is_list,
    };
    match request.model().objects.get(&field.of.name) {
        Some(inner) => Member::Object { key, field: asked, members: of(request, inner, &selected.sets, tenants) },
        None => match contract::kind(&field.of.name) {
            Some(kind) => Member::Scalar { key, field: asked, kind },
            None => Member::Missing { key },
        },
    }
}

fn arguments(selected: &Selected<'_>) -> String {
    let given = selected.arguments.iter().filter(|(_, value)| **value != Value::Null);
    given.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
}
