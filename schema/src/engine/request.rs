//! What resolving one root field needs to know: the hub, the viewer, and the operation around the field.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{FragmentDefinition, OperationDefinition},
};
use sea_orm::DbBackend;

use super::{MODEL, model::Model};
use crate::{hub::Hub, viewer::Viewer};

/// Rows of a page that an operation of the operator may ask for.
const MOST_OF_TRUSTED: usize = 10_000;

/// One root field's surroundings.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub hub: &'a Hub,
    pub viewer: &'a Viewer,
    /// The operation around the field; none where rows are read for a mutation's own use.
    pub operation: Option<Operation<'a>>,
    /// Most rows that a page may have.
    pub max_page: usize,
}

/// The operation that a field stands in.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    pub definition: &'a OperationDefinition,
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub variables: &'a Variables,
}

impl<'a> Request<'a> {
    /// For a viewer's operation. The operator's own ones answer lists that have no pages.
    #[must_use]
    pub fn new(hub: &'a Hub, viewer: &'a Viewer, operation: Operation<'a>, is_trusted: bool) -> Self {
        let max_page = hub.settings.graphql.max_page;
        let max_page = if is_trusted { max_page.max(MOST_OF_TRUSTED) } else { max_page };
        Self { hub, viewer, operation: Some(operation), max_page }
    }

    #[must_use]
    pub fn model(&self) -> &'static Model {
        &MODEL
    }

    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.hub.database.backend()
    }

    /// A variable's value, or its default; none if it was not given.
    #[must_use]
    pub fn variable(&self, name: &Name) -> Option<Value> {
        let operation = self.operation?;
        if let Some(value) = operation.variables.get(name) {
            return Some(value.clone());
        }
        let declared = &operation.definition.variable_definitions;
        let definition = declared.iter().find(|found| found.node.name.node == *name)?;
        definition.node.default_value.as_ref().map(|value| value.node.clone())
    }

    /// A fragment of the document.
    #[must_use]
    pub fn fragment(&self, name: &Name) -> Option<&'a FragmentDefinition> {
        self.operation?.fragments.get(name).map(|found| &found.node)
    }

    /// The surroundings of reading rows without an operation.
    #[must_use]
    pub fn bare(hub: &'a Hub, viewer: &'a Viewer) -> Self {
        Self { hub, viewer, operation: None, max_page: hub.settings.graphql.max_page }
    }
}
