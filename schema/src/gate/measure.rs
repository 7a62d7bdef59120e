//! How large a document is when its fragments are written out, counted without writing them out: each fragment once.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Directive, ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use super::{
    refusal::{Limit, Refusal},
    text::at_most,
};
use crate::settings::Graphql;

/// Sizes of a document. Sums over operations and places, except for the depths and what is said to be the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Nested fields.
    pub depth: u64,
    /// Nested selection sets.
    pub nesting: u64,
    pub aliases: u64,
    /// Most root fields of one operation.
    pub root_fields: u64,
    /// Fields, inline fragments and spreads, together with what they contain.
    pub selections: u64,
    /// Directives as they are written.
    pub directives: u64,
    /// Most directives in one place.
    pub directives_together: u64,
}

impl Measure {
    /// The sizes of a document.
    ///
    /// # Errors
    /// A fragment contains itself.
    pub fn of(document: &ExecutableDocument) -> Result<Self, Refusal> {
        let mut counter = Counter { fragments: &document.fragments, known: HashMap::new(), whole: Self::default() };
        for (_, operation) in document.operations.iter() {
            counter.directives(&operation.node.directives);
            for variable in &operation.node.variable_definitions {
                counter.directives(&variable.node.directives);
            }
            let counts = counter.set(&operation.node.selection_set.node)?;
            let whole = &mut counter.whole;
            whole.depth = whole.depth.max(counts.depth);
            whole.nesting = whole.nesting.max(counts.nesting);
            whole.root_fields = whole.root_fields.max(counts.fields);
            whole.aliases = whole.aliases.saturating_add(counts.aliases);
            whole.selections = whole.selections.saturating_add(counts.selections);
        }
        // Those that no operation reaches may still contain themselves.
        for (name, fragment) in &document.fragments {
            counter.fragment(name, fragment.pos)?;
        }
        Ok(counter.whole)
    }

    /// Compares the sizes with what is allowed.
    ///
    /// # Errors
    /// The first limit that is passed.
    pub fn check(&self, limits: &Graphql) -> Result<(), Refusal> {
        at_most(Limit::TooManySelections, limits.max_selections, self.selections)?;
        at_most(Limit::TooDeep, limits.max_depth, self.depth)?;
        at_most(Limit::TooDeep, limits.max_nesting, self.nesting)?;
        at_most(Limit::TooManyAliases, limits.max_aliases, self.aliases)?;
        at_most(Limit::TooManyRootFields, limits.max_root_fields, self.root_fields)?;
        at_most(Limit::TooManyDirectives, limits.max_directives, self.directives)?;
        at_most(Limit::TooManyDirectives, limits.max_directives_per_field, self.directives_together)
    }
}

/// Sizes of one selection set.
#[derive(Clone, Copy, Default)]
struct Counts {
    depth: u64,
    nesting: u64,
    aliases: u64,
    /// Fields directly in it.
    fields: u64,
    selections: u64,
}

impl Counts {
    /// Adds a selection: `inner` is what it contains.
    fn add(&mut self, inner: Self) {
        self.depth = self.depth.max(inner.depth);
        self.nesting = self.nesting.max(inner.nesting.saturating_add(1));
        self.aliases = self.aliases.saturating_add(inner.aliases);
        self.fields = self.fields.saturating_add(inner.fields);
        self.selections = self.selections.saturating_add(inner.selections).saturating_add(1);
    }
}

struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// None while a fragment is being counted.
    known: HashMap<&'a Name, Option<Counts>>,
    whole: Measure,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Counts, Refusal> {
        let mut counts = Counts::default();
        for selection in &set.items {
            self.directives(selection.node.directives());
            counts.add(match &selection.node {
                Selection::Field(field) => {
                    let mut inner = self.set(&field.node.selection_set.node)?;
                    inner.depth += 1;
                    inner.fields = 1;
                    inner.aliases = inner.aliases.saturating_add(u64::from(field.node.alias.is_some()));
                    inner
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, selection.pos)?,
            });
        }
        Ok(counts)
    }

    fn fragment(&mut self, name: &Name, position: Pos) -> Result<Counts, Refusal> {
        // Validation names fragments that there are not.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else { return Ok(Counts::default()) };
        match self.known.get(name) {
            Some(Some(counts)) => return Ok(*counts),
            Some(None) => return Err(Refusal::Cycle { name: name.to_string(), position }),
            None => {}
        }
        self.known.insert(name, None);
        self.directives(&fragment.node.directives);
        let counts = self.set(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(counts));
        Ok(counts)
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        let count = u64::try_from(directives.len()).unwrap_or(u64::MAX);
        self.whole.directives = self.whole.directives.saturating_add(count);
        self.whole.directives_together = self.whole.directives_together.max(count);
    }
}
