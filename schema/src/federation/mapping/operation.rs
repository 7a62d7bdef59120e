//! A GraphQL operation that a foreign server understands, taken apart: variables, and fields with their response
//! keys. It must not know what the fields mean to us.

use std::collections::BTreeSet;

use apollo_parser::{
    Parser,
    cst::{self, CstNode, Definition, Selection},
};

use super::MappingFault;

/// Deepest nesting of selections and values.
const RECURSION_LIMIT: usize = 64;
/// Longest document, in bytes.
const LONGEST_DOCUMENT: usize = 64 * 1024;

/// One query operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub variables: Vec<Variable>,
    pub fields: Vec<Selected>,
}

/// A variable that the operation declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// The declaration without the name: type and default, such as `Int = 10`.
    pub declaration: String,
}

/// A selected field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Alias, or else the name.
    pub key: String,
    pub name: String,
    /// Name and arguments, as they stand in the document.
    pub call: String,
    /// What is selected of it; empty for leaves.
    pub members: Vec<Selected>,
}

impl Operation {
    /// Reads a document that holds one query.
    ///
    /// # Errors
    /// It is too long, malformed, or holds something else.
    pub fn parse(document: &str) -> Result<Self, MappingFault> {
        if document.len() > LONGEST_DOCUMENT {
            return Err(MappingFault::new("document", "A document has at most 65,536 bytes."));
        }
        let tree = Parser::new(document).recursion_limit(RECURSION_LIMIT).parse();
        if let Some(error) = tree.errors().next() {
            return Err(MappingFault::new("document", format!("The document is no GraphQL: {}.", error.message())));
        }
        let mut definitions = tree.document().definitions();
        let (Some(Definition::OperationDefinition(operation)), None) = (definitions.next(), definitions.next()) else {
            return Err(MappingFault::new("document", "The document must hold one query, and no fragments."));
        };
        if operation.operation_type().is_some_and(|of| of.query_token().is_none()) {
            return Err(MappingFault::new("document", "The operation must be a query."));
        }
        let declared = operation.variable_definitions().into_iter().flat_map(|all| all.variable_definitions());
        let variables = declared.filter_map(|variable| declared_variable(&variable)).collect();
        Ok(Self { variables, fields: selected(operation.selection_set())? })
    }
}

impl Selected {
    /// A member by response key.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Self> {
        self.members.iter().find(|member| member.key == key)
    }
}

/// Names of the variables that a piece of a document uses.
#[must_use]
pub fn variables_in(text: &str) -> BTreeSet<&str> {
    let is_name = |character: char| character == '_' || character.is_ascii_alphanumeric();
    let names = text.split('$').skip(1).map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())]);
    names.filter(|name| !name.is_empty()).collect()
}

fn declared_variable(variable: &cst::VariableDefinition) -> Option<Variable> {
    let mut declaration = text(&variable.ty()?);
    if let Some(default) = variable.default_value() {
        declaration.push(' ');
        declaration.push_str(&text(&default));
    }
    Some(Variable { name: text(&variable.variable()?.name()?), declaration })
}

fn selected(set: Option<cst::SelectionSet>) -> Result<Vec<Selected>, MappingFault> {
    let mut fields: Vec<Selected> = Vec::new();
    for selection in set.into_iter().flat_map(|set| set.selections()) {
        let Selection::Field(field) = selection else {
            return Err(MappingFault::new("document", "Fragments are not read here; write the fields out."));
        };
        let Some(name) = field.name().map(|name| text(&name)) else { continue };
        if field.directives().is_some() {
            return Err(MappingFault::new("document", format!("The field {name} must have no directives.")));
        }
        let alias = field.alias().and_then(|alias| alias.name()).map(|name| text(&name));
        let key = alias.unwrap_or_else(|| name.clone());
        if fields.iter().any(|other| other.key == key) {
            return Err(MappingFault::new("document", format!("{key} is selected twice.")));
        }
        let arguments = field.arguments().map(|arguments| text(&arguments)).unwrap_or_default();
        let members = selected(field.selection_set())?;
        fields.push(Selected { key, call: format!("{name}{arguments}"), name, members });
    }
    Ok(fields)
}

fn text(node: &impl CstNode) -> String {
    node.source_string().trim().to_owned()
}
