//! A document as it is kept: parsed, counted, and with what each operation needs at run time.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Name, Positioned, ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet},
    },
};

use super::{
    answer::Key,
    cost::Cost,
    inputs::Inputs,
    measure::Measure,
    refusal::{Limit, Refusal},
    shape::{SHAPES, root},
    text::{self, at_most},
    typename, values,
};
use crate::settings::Graphql;

/// What even a trusted document may have: async-graphql writes fragments out several times.
const MOST_SELECTIONS: usize = 1_000_000;

/// A parsed document.
pub struct Document {
    pub parsed: ExecutableDocument,
    /// Whether it asks for the schema anywhere.
    pub is_introspection: bool,
    measure: Measure,
    operations: HashMap<Option<Name>, Operation>,
    is_valid: AtomicBool,
}

/// What running an operation needs to know of it.
pub struct Operation {
    pub kind: OperationType,
    /// Response keys of the root fields, in order of appearance.
    pub keys: Arc<[Key]>,
    /// Boolean variables with defaults: conditions of `@include` and `@skip` are decided before defaults are known.
    flags: Vec<(Name, Value)>,
    /// None where fragments are too many to be written out.
    cost: Option<(Cost, Inputs)>,
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// It is no GraphQL, or, unless it is trusted, beyond a limit that does not depend on variables.
    pub fn read(text: &str, limits: &Graphql, is_trusted: bool) -> Result<Self, Refusal> {
        if !is_trusted {
            text::check(text, limits)?;
        }
        let mut parsed = parse_query(text).map_err(|error| {
            let error = ServerError::from(error);
            Refusal::Syntax { message: error.message, position: error.locations.first().copied() }
        })?;
        let measure = Measure::of(&parsed)?;
        if is_trusted {
            at_most(Limit::TooManySelections, MOST_SELECTIONS, measure.selections)?;
        } else {
            measure.check(limits)?;
        }
        typename::guard(&mut parsed);
        let is_counted = at_most(Limit::TooManySelections, limits.max_selections, measure.selections).is_ok();
        let operations = parsed.operations.iter().map(|(name, definition)| {
            let definition = &definition.node;
            let cost =
                is_counted.then(|| (Cost::of(&parsed, definition, limits.max_page), Inputs::of(&parsed, definition)));
            let mut keys =
                Keys { document: &parsed, root: root(definition.ty), seen: HashSet::new(), found: Vec::new() };
            keys.add(&definition.selection_set.node);
            (name.cloned(), Operation { kind: definition.ty, keys: keys.found.into(), flags: flags(definition), cost })
        });
        let operations = operations.collect();
        let is_introspection = is_introspection(&parsed);
        Ok(Self { operations, measure, parsed, is_introspection, is_valid: AtomicBool::new(false) })
    }

    /// Whether an operation is valid with these variables, if the document is, which somebody may have checked.
    #[must_use]
    pub fn is_valid(&self, operation: &OperationDefinition, variables: &Variables, is_checked: bool) -> bool {
        (is_checked || self.is_valid.load(Ordering::Relaxed))
            && operation.ty != OperationType::Subscription
            && values::fit(operation, variables)
    }

    /// It was found valid with all of its variables.
    pub fn note_valid(&self) {
        self.is_valid.store(!self.is_introspection, Ordering::Relaxed);
    }

    /// The variables with defaults, or null, for those that are missing: validation does not look into lists and objects
    /// of which a variable is missing.
    #[must_use]
    pub fn all_variables(&self, given: &Variables) -> Variables {
        let mut all = given.clone();
        for definition in self.parsed.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions)
        {
            let Positioned { node: definition, .. } = definition;
            all.entry(definition.name.node.clone())
                .or_insert_with(|| definition.default_value.as_ref().map_or(Value::Null, |value| value.node.clone()));
        }
        all
    }

    /// The operation that a request means, as it is written; none if it names none of several, or a wrong one.
    #[must_use]
    pub fn definition(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        Some(self.find(name)?.1)
    }

    fn find(&self, name: Option<&str>) -> Option<(Option<&Name>, &OperationDefinition)> {
        let mut operations = self.parsed.operations.iter();
        let (name, found) = match name {
            Some(name) => operations.find(|(found, _)| found.is_some_and(|found| found == name)),
            None => operations.next().filter(|_| self.operations.len() == 1),
        }?;
        Some((name, &found.node))
    }

    /// Compares what depends on no variable with the limits.
    ///
    /// # Errors
    /// The first limit that is passed.
    pub fn check(&self, limits: &Graphql) -> Result<(), Refusal> {
        self.measure.check(limits)
    }

    /// What running the operation that a request means needs to know.
    #[must_use]
    pub fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        self.operations.get(&self.find(name)?.0.cloned())
    }
}

impl Operation {
    /// Puts in the Boolean defaults of variables that are not given.
    pub fn fill(&self, variables: &mut Variables) {
        for (name, default) in &self.flags {
            if !variables.contains_key(name) {
                variables.insert(name.clone(), default.clone());
            }
        }
    }

    /// Compares the cost with these variables with the limit.
    ///
    /// # Errors
    /// It is too expensive.
    pub fn check(&self, variables: &Variables, limits: &Graphql) -> Result<(), Refusal> {
        let cost = self.cost.as_ref();
        let cost = cost.map_or(u64::MAX, |(cost, inputs)| cost.with(variables).saturating_add(inputs.with(variables)));
        at_most(Limit::TooExpensive, limits.max_cost, cost)
    }
}

fn flags(operation: &OperationDefinition) -> Vec<(Name, Value)> {
    let defaults = operation.variable_definitions.iter().filter_map(|definition| {
        let default = &definition.node.default_value.as_ref()?.node;
        matches!(default, Value::Boolean(_)).then(|| (definition.node.name.node.clone(), default.clone()))
    });
    defaults.collect()
}

/// Nesting is bounded by the parser.
fn is_introspection(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).any(asks_for_schema)
}

fn asks_for_schema(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type")
                || asks_for_schema(&field.node.selection_set.node)
        }
        Selection::InlineFragment(inline) => asks_for_schema(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// Response keys of root fields.
struct Keys<'a> {
    document: &'a ExecutableDocument,
    root: &'static str,
    /// Fragments met before: they have no new keys.
    seen: HashSet<&'a Name>,
    found: Vec<Key>,
}

impl<'a> Keys<'a> {
    fn add(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let shape = SHAPES.get(self.root).and_then(|fields| fields.get(field.node.name.node.as_str()));
                    let is_required = shape.is_some_and(|shape| shape.is_required);
                    self.found.push(Key { name: field.node.response_key().node.clone(), is_required });
                }
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.fragments;
                    if let Some((name, fragment)) = fragments.get_key_value(&spread.node.fragment_name.node)
                        && self.seen.insert(name)
                    {
                        self.add(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}
