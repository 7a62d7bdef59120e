//! The SDL as one document: the nouns' files put together, `extend type` merged into its type, and the types
//! that follow from others (connections, edges, orders, enum filters) written out. It must not know tables.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{ConstDirective, FieldDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use async_graphql::{Positioned, Value};

use super::derive;

/// A noun's SDL file: its path, for messages, and its text.
pub type File = (&'static str, &'static str);

/// Scalars of GraphQL itself.
pub const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// All types by name, and the definitions of directives and the schema in order of appearance.
pub struct Document {
    pub types: BTreeMap<String, TypeDefinition>,
    /// Names in order of appearance; printing follows it.
    pub order: Vec<String>,
    pub others: Vec<TypeSystemDefinition>,
}

impl Document {
    /// Reads and completes the files.
    ///
    /// # Errors
    /// Every problem found, with its file.
    pub fn load(files: &[File]) -> Result<Self, Vec<String>> {
        let mut document = Self { types: BTreeMap::new(), order: Vec::new(), others: Vec::new() };
        let mut problems = Vec::new();
        let mut extensions = Vec::new();
        for (path, text) in files {
            match parse_schema(text) {
                Err(error) => problems.push(format!("{path}: {error}")),
                Ok(parsed) => {
                    for definition in parsed.definitions {
                        match definition {
                            TypeSystemDefinition::Type(found) if found.node.extend => {
                                extensions.push((*path, found.node));
                            }
                            TypeSystemDefinition::Type(found) => document.add(path, found.node, &mut problems),
                            other => document.others.push(other),
                        }
                    }
                }
            }
        }
        for (path, extension) in extensions {
            document.extend(path, extension, &mut problems);
        }
        derive::complete(&mut document);
        for name in derive::referred(&document) {
            if !document.types.contains_key(&name) && !BUILT_IN.contains(&name.as_str()) {
                problems.push(format!("{name} is referred to but not defined"));
            }
        }
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }

    fn add(&mut self, path: &str, found: TypeDefinition, problems: &mut Vec<String>) {
        let name = found.name.node.to_string();
        self.order.push(name.clone());
        if self.types.insert(name.clone(), found).is_some() {
            problems.push(format!("{path}: {name} is defined twice"));
        }
    }

    fn extend(&mut self, path: &str, extension: TypeDefinition, problems: &mut Vec<String>) {
        let name = extension.name.node.as_str();
        match (self.types.get_mut(name).map(|found| &mut found.kind), extension.kind) {
            (Some(TypeKind::Object(base)), TypeKind::Object(more)) => {
                for field in &more.fields {
                    if base.fields.iter().any(|known| known.node.name.node == field.node.name.node) {
                        problems.push(format!("{path}: {name}.{} is defined twice", field.node.name.node));
                    }
                }
                base.fields.extend(more.fields);
            }
            _ => problems.push(format!("{path}: {name} is extended but is no object type")),
        }
    }

    /// Adds a type that follows from another one, unless a file wrote it.
    pub(super) fn derive(&mut self, sdl: &str) {
        let parsed = parse_schema(sdl).expect("derived types are well-formed");
        for definition in parsed.definitions {
            if let TypeSystemDefinition::Type(found) = definition {
                let name = found.node.name.node.to_string();
                if !self.types.contains_key(&name) {
                    self.order.push(name.clone());
                    self.types.insert(name, found.node);
                }
            }
        }
    }

    /// Fields of an object or interface type; none for others.
    #[must_use]
    pub fn fields(&self, name: &str) -> &[Positioned<FieldDefinition>] {
        match self.types.get(name).map(|found| &found.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => &[],
        }
    }
}

/// The directive of that name.
#[must_use]
pub fn directive<'a>(directives: &'a [Positioned<ConstDirective>], name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|found| &found.node).find(|found| found.name.node == name)
}

/// A text argument of a directive.
#[must_use]
pub fn text(directive: &ConstDirective, argument: &str) -> Option<String> {
    match directive.get_argument(argument).map(|found| &found.node) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A list of texts, argument of a directive; empty if absent.
#[must_use]
pub fn texts(directive: &ConstDirective, argument: &str) -> Vec<String> {
    match directive.get_argument(argument).map(|found| &found.node) {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
