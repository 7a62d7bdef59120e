//! What `subsidiary.graphql` demands of a source, and how far a source's schema fulfils it.
//! It must not know HTTP or the database.

use std::sync::LazyLock;

use super::{
    collection::Collection,
    mapping::MappingText,
    outline::{FieldOutline, Outline, TypeOutline, TypeReference},
    question::{Field, Kind, Member},
    totals::Counted,
};

/// The contract itself, as it is published.
pub const SUBSIDIARY: &str = include_str!("../../subsidiary.graphql");

static CONTRACT: LazyLock<Outline> =
    LazyLock::new(|| Outline::from_sdl(SUBSIDIARY).expect("a test reads the contract"));

/// Scalars whose values are no text.
const SCALARS: [(&str, Kind); 5] = [
    ("Int", Kind::Int),
    ("Long", Kind::Long),
    ("Float", Kind::Float),
    ("Boolean", Kind::Boolean),
    ("JSON", Kind::Json),
];

/// Whether and how well a source answers for a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CollectionState {
    pub collection: Collection,
    pub is_offered: bool,
    /// Paths from the row; `totalCount` if it does not count, and the field that adds up, such as `leadCounts`.
    pub missing_fields: Vec<String>,
    /// Members of the filter that it applies.
    pub filterable_fields: Vec<String>,
    /// Words of the order that it applies.
    pub orderable_fields: Vec<String>,
    /// Word of `SourcePaging`.
    pub paging: &'static str,
    /// Why it is not offered.
    pub message: Option<String>,
    /// For a source with a schema of its own.
    pub mapping: Option<MappingText>,
}

impl CollectionState {
    /// A collection that a source does not answer for.
    #[must_use]
    pub fn lacking(collection: Collection, message: impl Into<String>) -> Self {
        Self {
            collection,
            is_offered: false,
            missing_fields: Vec::new(),
            filterable_fields: Vec::new(),
            orderable_fields: Vec::new(),
            paging: "KEYSET",
            message: Some(message.into()),
            mapping: None,
        }
    }
}

/// How far a schema fulfils the contract for a collection.
#[must_use]
pub fn compare(schema: &Outline, collection: Collection) -> CollectionState {
    let mut comparison = Comparison { schema, faults: Vec::new() };
    let name = collection.root_field();
    let expected = root(collection);
    let Some(found) = schema.query().and_then(|query| query.field(name)) else {
        return CollectionState::lacking(collection, format!("The schema has no field \"{name}\" in its query type."));
    };
    let mut state = CollectionState { is_offered: true, message: None, ..CollectionState::lacking(collection, "") };
    for argument in &expected.arguments {
        comparison.argument(argument, found, &mut state);
    }
    let connection = (named(&expected.of), schema.named(&found.of.name));
    if let (connection, Some(found)) = connection {
        comparison.fields(connection, found, "", &mut state.missing_fields);
    } else {
        comparison.faults.push(format!("{name} has no known type"));
    }
    for path in &mut state.missing_fields {
        *path = path.strip_prefix("nodes.").unwrap_or(path).to_owned();
    }
    let totals = Counted::of(collection).map(|counted| counted.field);
    if let Some(totals) = totals.filter(|totals| schema.query().is_none_or(|query| query.field(totals).is_none())) {
        state.missing_fields.push(totals.to_owned());
    }
    if !comparison.faults.is_empty() {
        state.is_offered = false;
        state.message = Some(format!("Required, but missing or different: {}.", comparison.faults.join(", ")));
    }
    state
}

/// What lies under a path from the row of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Object,
    Leaf { kind: Kind, is_list: bool, is_nullable: bool },
}

/// What a path such as `owner.name` leads to; none if sources have no such field, and for ids, which name servers.
#[must_use]
pub fn place(collection: Collection, path: &str) -> Option<Place> {
    let field = field_at(collection, path).filter(|field| field.name != "id")?;
    let TypeReference { is_list, is_nullable, .. } = field.of;
    Some(match kind(&field.of.name) {
        Some(kind) => Place::Leaf { kind, is_list, is_nullable },
        None => Place::Object,
    })
}

/// The type of the object under a path from the row; the row's own for an empty path.
#[must_use]
pub fn type_at(collection: Collection, path: &str) -> Option<&'static str> {
    let mut name = collection.type_name();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        name = &CONTRACT.named(name)?.field(step)?.of.name;
    }
    Some(name)
}

/// Whether the filter of a collection has a condition such as `createdAt.gte` or `isActive`.
#[must_use]
pub fn has_condition(collection: Collection, path: &str) -> bool {
    let filter = root(collection).arguments.iter().find(|argument| argument.name == "filter");
    let mut of = filter.and_then(|filter| CONTRACT.named(&filter.of.name));
    for name in path.split('.') {
        let Some(field) = of.and_then(|of| of.field(name)) else { return false };
        of = CONTRACT.named(&field.of.name).filter(|of| !of.fields.is_empty());
    }
    of.is_none()
}

/// The fields of a collection's rows, each with whether it must be there.
pub fn row_fields(collection: Collection) -> impl Iterator<Item = (&'static str, bool)> {
    fields_of(collection.type_name())
}

/// The fields of a type, each with whether it must be there.
pub fn fields_of(of: &str) -> impl Iterator<Item = (&'static str, bool)> + use<> {
    let fields = CONTRACT.named(of).into_iter().flat_map(|of| &of.fields);
    fields.map(|field| (field.name.as_str(), field.is_required))
}

/// A type of the contract.
#[must_use]
pub fn outline(of: &str) -> Option<&'static TypeOutline> {
    CONTRACT.named(of)
}

/// The type of a field of a collection's rows.
#[must_use]
pub fn field_type(collection: Collection, name: &str) -> Option<&'static str> {
    field_at(collection, name).map(|field| field.of.name.as_str())
}

/// The field under a path from the row of a collection.
#[must_use]
pub fn field_at(collection: Collection, path: &str) -> Option<&'static FieldOutline> {
    let (mut of, mut found) = (Some(row_type(collection)), None);
    for name in path.split('.') {
        found = of?.field(name);
        of = CONTRACT.named(&found?.of.name);
    }
    found
}

/// The required leaves of a collection's rows, as a selection that tests a source.
#[must_use]
pub fn required_members(collection: Collection) -> Vec<Member> {
    leaves(row_type(collection))
}

/// A word by which every source of a collection must be able to order, with the field that holds the value.
#[must_use]
pub fn required_order() -> (&'static str, &'static str) {
    ("NUMBER", "number")
}

/// What a leaf of a type of the contract must be in JSON; none for objects and unknown types.
#[must_use]
pub fn kind(type_name: &str) -> Option<Kind> {
    if let Some((_, kind)) = SCALARS.iter().find(|(name, _)| *name == type_name) {
        return Some(kind.clone());
    }
    match CONTRACT.named(type_name) {
        Some(of) if !of.words.is_empty() => {
            Some(Kind::Enum(of.words.iter().map(|word| word.name.clone()).collect::<Vec<_>>().into()))
        }
        Some(of) if !of.fields.is_empty() => None,
        Some(_) => Some(Kind::Text),
        None => ["String", "ID"].contains(&type_name).then_some(Kind::Text),
    }
}

fn root(collection: Collection) -> &'static FieldOutline {
    let field = CONTRACT.query().and_then(|query| query.field(collection.root_field()));
    field.expect("the contract has a field for each collection; a test compares it with itself")
}

fn row_type(collection: Collection) -> &'static TypeOutline {
    CONTRACT.named(collection.type_name()).expect("the contract has the type of each collection")
}

fn named(of: &TypeReference) -> &'static TypeOutline {
    CONTRACT.named(&of.name).expect("the contract defines the types that it names")
}

fn leaves(of: &'static TypeOutline) -> Vec<Member> {
    let required = of.fields.iter().filter(|field| field.is_required);
    let member = |field: &'static FieldOutline| {
        let key = field.name.clone();
        let reference = &field.of;
        let asked = Field {
            name: field.name.clone(),
            arguments: String::new(),
            is_nullable: reference.is_nullable,
            is_list: reference.is_list,
        };
        match kind(&reference.name) {
            Some(kind) => Member::Scalar { key, field: asked, kind },
            None => Member::Object { key, field: asked, members: leaves(named(reference)) },
        }
    };
    required.map(member).collect()
}

struct Comparison<'a> {
    schema: &'a Outline,
    /// What is required and not there.
    faults: Vec<String>,
}

impl Comparison<'_> {
    fn argument(&mut self, expected: &FieldOutline, found: &FieldOutline, state: &mut CollectionState) {
        let Some(found) = found.arguments.iter().find(|argument| argument.name == expected.name) else {
            if expected.is_required {
                self.faults.push(format!("argument {}", expected.name));
            }
            return;
        };
        let Some(found) = self.schema.named(&found.of.name) else { return };
        match expected.name.as_str() {
            "filter" => self.filter(named(&expected.of), found, state),
            "orderBy" => self.order(named(&expected.of), found, state),
            _ => {}
        }
    }

    fn filter(&mut self, expected: &TypeOutline, found: &TypeOutline, state: &mut CollectionState) {
        state.filterable_fields = found.fields.iter().map(|field| field.name.clone()).collect();
        let missing = expected.fields.iter().filter(|field| field.is_required && found.field(&field.name).is_none());
        self.faults.extend(missing.map(|field| format!("filter.{}", field.name)));
    }

    fn order(&mut self, expected: &TypeOutline, found: &TypeOutline, state: &mut CollectionState) {
        let words = expected.field("field").map(|field| named(&field.of));
        let found = found.field("field").and_then(|field| self.schema.named(&field.of.name));
        for word in words.into_iter().flat_map(|words| &words.words) {
            if found.is_some_and(|found| found.has_word(&word.name)) {
                state.orderable_fields.push(word.name.clone());
            } else if word.is_required {
                self.faults.push(format!("order {}", word.name));
            }
        }
    }

    fn fields(&mut self, expected: &TypeOutline, found: &TypeOutline, path: &str, missing: &mut Vec<String>) {
        for field in &expected.fields {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            let other = found.field(&field.name);
            match other.filter(|other| self.is_same(&field.of, &other.of)) {
                None if field.is_required => self.faults.push(path),
                None => missing.push(path),
                Some(other) => {
                    if kind(&field.of.name).is_none()
                        && let Some(found) = self.schema.named(&other.of.name)
                    {
                        self.fields(named(&field.of), found, &path, missing);
                    }
                }
            }
        }
    }

    /// Lists must be lists and objects objects; of leaves only the built-in scalars and enums must agree.
    fn is_same(&self, expected: &TypeReference, found: &TypeReference) -> bool {
        let is_object = self.schema.named(&found.name).is_some_and(|of| !of.fields.is_empty());
        let is_leaf = match kind(&expected.name) {
            None => is_object,
            Some(Kind::Text | Kind::Json | Kind::Long) => !is_object,
            Some(_) => expected.name == found.name,
        };
        is_leaf && expected.is_list == found.is_list
    }
}

#[cfg(test)]
#[path = "tests/contract.rs"]
mod tests;
