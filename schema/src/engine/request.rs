//! What resolving one root field needs to know: the hub, the viewer, and the operation around the field.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{FragmentDefinition, OperationDefinition},
};
use sea_orm::DbBackend;

use super::{MODEL, model::Model};
use crate::{hub::Hub, viewer::Viewer};

/// One root field's surroundings.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub hub: &'a Hub,
    pub viewer: &'a Viewer,
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub variables: &'a Variables,
    pub operation: &'a OperationDefinition,
    /// Most rows that a page may have.
    pub max_page: usize,
}

impl<'a> Request<'a> {
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
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        let definition = self.operation.variable_definitions.iter().find(|found| found.node.name.node == *name)?;
        definition.node.default_value.as_ref().map(|value| value.node.clone())
    }
}
