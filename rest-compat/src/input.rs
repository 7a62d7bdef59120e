//! The types of what comes in, as the SDL declares them. It must not know where values come from.

use std::collections::HashMap;

use apollo_compiler::{Schema, ast, schema::ExtendedType};

/// The type of a variable or of a member of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    pub is_required: bool,
    pub kind: Kind,
}

/// A list or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    List(Box<Type>),
    Named(String),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Named {
    /// By its name.
    Scalar,
    Enum(Vec<String>),
    Input(Vec<Member>),
}

/// A member of an input.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    pub of: Type,
    pub has_default: bool,
}

/// All types that can come in, by name.
pub type Inputs = HashMap<String, Named>;

impl Type {
    /// From the SDL.
    #[must_use]
    pub fn of(declared: &ast::Type) -> Self {
        let kind = match declared {
            ast::Type::Named(name) | ast::Type::NonNullNamed(name) => Kind::Named(name.to_string()),
            ast::Type::List(item) | ast::Type::NonNullList(item) => Kind::List(Box::new(Self::of(item))),
        };
        Self { is_required: declared.is_non_null(), kind }
    }

    /// The name without its lists.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.kind {
            Kind::List(item) => item.name(),
            Kind::Named(name) => name,
        }
    }
}

/// The input types of a schema.
#[must_use]
pub fn inputs(schema: &Schema) -> Inputs {
    let named = schema.types.iter().filter_map(|(name, declared)| {
        let named = match declared {
            ExtendedType::Scalar(_) => Named::Scalar,
            ExtendedType::Enum(of) => Named::Enum(of.values.keys().map(ToString::to_string).collect()),
            ExtendedType::InputObject(of) => Named::Input(of.fields.values().map(|field| member(field)).collect()),
            _ => return None,
        };
        Some((name.to_string(), named))
    });
    named.collect()
}

fn member(field: &ast::InputValueDefinition) -> Member {
    Member { name: field.name.to_string(), of: Type::of(&field.ty), has_default: field.default_value.is_some() }
}
