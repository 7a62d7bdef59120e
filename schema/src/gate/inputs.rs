//! What the arguments of an operation hold: values written in it, and those of variables as often as they are used.
//! Each use is checked anew and copied anew.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as Constant, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// Bytes of text that count as one value.
const BYTES_PER_VALUE: usize = 1000;

/// Values within arguments; a number, word or short text alone is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    written: u64,
    variables: HashMap<Name, Use>,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Use {
    times: u64,
    /// Values of its default.
    default: u64,
}

impl Inputs {
    /// Those of one operation, all of whose fragments can be written out.
    #[must_use]
    pub fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut inputs = Self::default();
        for definition in &operation.variable_definitions {
            let default = definition.node.default_value.as_ref().map_or(0, |value| weight(&value.node));
            inputs.variables.insert(definition.node.name.node.clone(), Use { times: 0, default });
        }
        inputs.set(Some(document), &operation.selection_set.node);
        // Before it runs, all that is written is checked once.
        inputs.set(None, &operation.selection_set.node);
        for fragment in document.fragments.values() {
            inputs.directives(&fragment.node.directives);
            inputs.set(None, &fragment.node.selection_set.node);
        }
        inputs
    }

    /// How many there are with these variables.
    #[must_use]
    pub fn with(&self, variables: &Variables) -> u64 {
        let used = self.variables.iter().filter(|(_, used)| used.times > 0).map(|(name, used)| {
            let weight = variables.get(name).map_or(used.default, weight);
            weight.saturating_mul(used.times)
        });
        used.fold(self.written, u64::saturating_add)
    }

    /// Fragments are followed if there is a document.
    fn set(&mut self, document: Option<&ExecutableDocument>, set: &SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    for (_, value) in &field.node.arguments {
                        self.add(&value.node);
                    }
                    self.set(document, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.set(document, &fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let fragments = document.map(|document| &document.fragments);
                    if let Some(fragment) = fragments.and_then(|found| found.get(&spread.node.fragment_name.node)) {
                        self.set(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            self.add(&value.node);
        }
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                if let Some(used) = self.variables.get_mut(name) {
                    used.times += 1;
                }
            }
            Value::List(items) => {
                self.written += count(items.len());
                for item in items {
                    self.add(item);
                }
            }
            Value::Object(members) => {
                self.written += count(members.len());
                for member in members.values() {
                    self.add(member);
                }
            }
            Value::String(text) => self.written += count(text.len() / BYTES_PER_VALUE),
            _ => {}
        }
    }
}

/// Values within a value.
fn weight(value: &Constant) -> u64 {
    match value {
        Constant::List(items) => count(items.len()) + items.iter().map(weight).sum::<u64>(),
        Constant::Object(members) => count(members.len()) + members.values().map(weight).sum::<u64>(),
        Constant::String(text) => count(text.len() / BYTES_PER_VALUE),
        _ => 0,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
