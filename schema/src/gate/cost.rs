//! What an operation costs: its fields, those of lists once per row asked for. Page sizes may be variables, so the
//! cost of a document is compiled to a formula once and worked out for each request.

use async_graphql::{
    Name, Positioned, Value as Constant, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, VariableDefinition},
};
use async_graphql_value::Value;

use super::{
    introspection,
    shape::{SHAPES, root},
};
use crate::engine::page;

/// A cost that may depend on variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    fixed: u64,
    /// Costs of one row, and how many there may be.
    rows: Vec<(Size, Cost)>,
}

/// Rows that a list counts as that is no page.
const LIST: u64 = 10;

/// How many rows are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Size {
    /// If nothing says so.
    default: u64,
    /// What reading the list refuses to go beyond, naming the argument.
    most: u64,
    /// The greatest that is written in the document.
    fixed: Option<u64>,
    /// Those that say so at run time, with their defaults.
    variables: Vec<(Name, Option<u64>)>,
}

impl Cost {
    /// The cost of one operation, all of whose fragments can be written out; no page has more than `most` rows.
    #[must_use]
    pub fn of(document: &ExecutableDocument, operation: &OperationDefinition, most: usize) -> Self {
        let compiler = Compiler { document, variables: &operation.variable_definitions, most: most as u64 };
        compiler.set(&operation.selection_set.node, root(operation.ty), &Size::default())
    }

    /// The cost with these variables.
    #[must_use]
    pub fn with(&self, variables: &Variables) -> u64 {
        let rows = self.rows.iter().map(|(size, row)| size.with(variables).saturating_mul(row.with(variables)));
        rows.fold(self.fixed, u64::saturating_add)
    }

    fn add(&mut self, other: Self) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.rows.extend(other.rows);
    }

    /// `row` for each of so many rows.
    fn add_rows(&mut self, size: Size, row: Self) {
        if size.variables.is_empty() && row.rows.is_empty() {
            self.fixed = self.fixed.saturating_add(size.with(&Variables::default()).saturating_mul(row.fixed));
        } else {
            self.rows.push((size, row));
        }
    }
}

impl Size {
    /// What `first` or `last` of a field say.
    fn asked(field: &Field, definitions: &[Positioned<VariableDefinition>], default: u64, most: u64) -> Self {
        let mut size = Self { default, most, ..Self::default() };
        for argument in ["first", "last"] {
            match field.get_argument(argument).map(|value| &value.node) {
                Some(Value::Number(number)) => size.fixed = size.fixed.max(number.as_u64()),
                Some(Value::Variable(name)) => {
                    let definition = definitions.iter().find(|definition| definition.node.name.node == *name);
                    let default = definition.and_then(|found| found.node.default_value.as_ref());
                    size.variables.push((name.clone(), default.and_then(|value| count(&value.node))));
                }
                _ => {}
            }
        }
        size
    }

    fn with(&self, variables: &Variables) -> u64 {
        let named = self.variables.iter().filter_map(|(name, default)| match variables.get(name) {
            Some(value) => count(value),
            None => *default,
        });
        named.chain(self.fixed).max().unwrap_or(self.default).min(self.most)
    }
}

fn count(value: &Constant) -> Option<u64> {
    match value {
        Constant::Number(number) => number.as_u64(),
        _ => None,
    }
}

struct Compiler<'a> {
    document: &'a ExecutableDocument,
    variables: &'a [Positioned<VariableDefinition>],
    /// Largest page.
    most: u64,
}

impl Compiler<'_> {
    /// The cost of a selection on one object of the type `of`, a page of so many rows if it is a connection.
    fn set(&self, set: &SelectionSet, of: &str, page: &Size) -> Cost {
        let mut cost = Cost::default();
        for selection in &set.items {
            cost.add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, of, page),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map_or(of, |on| &on.node.on.node);
                    self.set(&fragment.node.selection_set.node, on, page)
                }
                Selection::FragmentSpread(spread) => {
                    match self.document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => {
                            let on = &fragment.node.type_condition.node.on.node;
                            self.set(&fragment.node.selection_set.node, on, page)
                        }
                        None => Cost::default(),
                    }
                }
            });
        }
        cost
    }

    fn size(&self, field: &Field, default: u64) -> Size {
        Size::asked(field, self.variables, default, self.most)
    }

    fn field(&self, field: &Field, parent: &str, page: &Size) -> Cost {
        let mut cost = Cost { fixed: 1, rows: Vec::new() };
        let (name, set) = (field.name.node.as_str(), &field.selection_set.node);
        if matches!(name, "__schema" | "__type") {
            cost.fixed += introspection::cost(self.document, set);
            return cost;
        }
        // Validation names fields that there are not.
        let Some(shape) = SHAPES.get(parent).and_then(|fields| fields.get(name)) else { return cost };
        if shape.is_list {
            let size = if parent.ends_with("Connection") { page.clone() } else { self.size(field, LIST) };
            cost.add_rows(size, self.set(set, &shape.of, page));
        } else if shape.is_connection {
            cost.add(self.set(set, &shape.of, &self.size(field, page::DEFAULT as u64)));
        } else {
            cost.add(self.set(set, &shape.of, page));
        }
        cost
    }
}
