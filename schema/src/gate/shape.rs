//! What the schema says about fields, as far as cost depends on it.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::types::{BaseType, FieldDefinition, OperationType, Type};

use crate::engine::{DOCUMENT, document::Document};

/// A field's type.
pub struct Shape {
    /// Innermost name.
    pub of: String,
    pub is_list: bool,
    pub is_required: bool,
    /// Whether it is a page of rows: the lists in it are as long as its `first` or `last` says.
    pub is_connection: bool,
}

/// Fields by type and name.
type Shapes = HashMap<String, HashMap<String, Shape>>;

/// Those of the schema.
pub static SHAPES: LazyLock<Shapes> = LazyLock::new(|| shapes(&DOCUMENT));

/// The root type of operations of a kind.
pub fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn shapes(document: &Document) -> Shapes {
    let fields = |name: &str| {
        let fields = document.fields(name).iter();
        fields.map(|field| (field.node.name.node.to_string(), shape(&field.node))).collect()
    };
    document.types.keys().map(|name| (name.clone(), fields(name))).collect()
}

fn shape(field: &FieldDefinition) -> Shape {
    let of = innermost(&field.ty.node).to_owned();
    let is_list = matches!(field.ty.node.base, BaseType::List(_));
    Shape { is_connection: !is_list && of.ends_with("Connection"), of, is_list, is_required: !field.ty.node.nullable }
}

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
