//! A document as it is kept: parsed, counted, and with what each operation needs at run time.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{
    Name, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet},
    },
};

use super::{
    cost::Cost,
    measure::Measure,
    refusal::{Limit, Refusal},
    text::{self, at_most},
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
}

/// What running an operation needs to know of it.
pub struct Operation {
    pub kind: OperationType,
    /// Response keys of the root fields, in order of appearance.
    pub keys: Arc<[Name]>,
    /// None where fragments are too many to be written out.
    cost: Option<Cost>,
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
        let parsed = parse_query(text).map_err(|error| {
            let error = ServerError::from(error);
            Refusal::Syntax { message: error.message, position: error.locations.first().copied() }
        })?;
        let measure = Measure::of(&parsed)?;
        if is_trusted {
            at_most(Limit::TooManySelections, MOST_SELECTIONS, measure.selections)?;
        } else {
            measure.check(limits)?;
        }
        let is_counted = at_most(Limit::TooManySelections, limits.max_selections, measure.selections).is_ok();
        let operations = parsed.operations.iter().map(|(name, definition)| {
            let definition = &definition.node;
            let cost = is_counted.then(|| Cost::of(&parsed, definition, limits.max_page));
            let mut keys = Vec::new();
            add_keys(&parsed, &definition.selection_set.node, &mut HashSet::new(), &mut keys);
            (name.cloned(), Operation { kind: definition.ty, keys: keys.into(), cost })
        });
        let is_introspection = is_introspection(&parsed);
        Ok(Self { operations: operations.collect(), measure, parsed, is_introspection })
    }

    /// Compares what depends on no variable with the limits.
    ///
    /// # Errors
    /// The first limit that is passed.
    pub fn check(&self, limits: &Graphql) -> Result<(), Refusal> {
        self.measure.check(limits)
    }

    /// The operation that a request means; none if it names none of several, or a wrong one.
    #[must_use]
    pub fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(_), None) => self.operations.get(&None),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(_), Some(name)) => self.operations.get(&Some(Name::new(name))),
            (DocumentOperations::Multiple(_), None) if self.operations.len() == 1 => self.operations.values().next(),
            (DocumentOperations::Multiple(_), None) => None,
        }
    }
}

impl Operation {
    /// Compares the cost with these variables with the limit.
    ///
    /// # Errors
    /// It is too expensive.
    pub fn check(&self, variables: &async_graphql::Variables, limits: &Graphql) -> Result<(), Refusal> {
        let cost = self.cost.as_ref().map_or(u64::MAX, |cost| cost.with(variables));
        at_most(Limit::TooExpensive, limits.max_cost, cost)
    }
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

/// Each fragment counts where it is first spread: later on it has no new keys.
fn add_keys<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    seen: &mut HashSet<&'a Name>,
    keys: &mut Vec<Name>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => keys.push(field.node.response_key().node.clone()),
            Selection::InlineFragment(inline) => add_keys(document, &inline.node.selection_set.node, seen, keys),
            Selection::FragmentSpread(spread) => {
                if let Some((name, fragment)) = document.fragments.get_key_value(&spread.node.fragment_name.node)
                    && seen.insert(name)
                {
                    add_keys(document, &fragment.node.selection_set.node, seen, keys);
                }
            }
        }
    }
}
