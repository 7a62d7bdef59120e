//! `__typename` with directives becomes `... @directives { __typename }`, which is the same: the validation of
//! async-graphql does not look at `__typename` itself, and would call a variable unused that is used only there.

use async_graphql::{
    Positioned,
    parser::types::{DocumentOperations, ExecutableDocument, Field, InlineFragment, Selection, SelectionSet},
};

/// Changes all of a document. Nesting is bounded by the parser.
pub fn guard(document: &mut ExecutableDocument) {
    let operations: Vec<&mut SelectionSet> = match &mut document.operations {
        DocumentOperations::Single(operation) => {
            vec![&mut operation.node.selection_set.node]
        }
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node.selection_set.node).collect()
        }
    };
    let fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set.node);
    operations.into_iter().chain(fragments).for_each(within);
}

fn within(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) if is_guarded(&field.node) => {
                let mut inner = field.clone();
                let directives = std::mem::take(&mut inner.node.directives);
                let items = vec![Positioned::new(Selection::Field(inner), selection.pos)];
                let selection_set = Positioned::new(SelectionSet { items }, selection.pos);
                let wrapped = InlineFragment { type_condition: None, directives, selection_set };
                selection.node = Selection::InlineFragment(Positioned::new(wrapped, selection.pos));
            }
            Selection::Field(field) => within(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => within(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn is_guarded(field: &Field) -> bool {
    field.name.node == "__typename" && !field.directives.is_empty()
}
