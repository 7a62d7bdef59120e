//! The committed schema as data: what fields there are, and the smallest arguments that are valid for them.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
        TypeSystemDefinition,
    },
};

/// The committed schema.
pub static SDL: LazyLock<Sdl> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/schema.graphql");
    let text = std::fs::read_to_string(path).expect("the schema is committed");
    Sdl::read(parse_schema(text).expect("the schema is well formed"))
});

/// Types by name.
pub struct Sdl(HashMap<String, TypeDefinition>);

impl Sdl {
    fn read(document: ServiceDocument) -> Self {
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(found) => Some((found.node.name.node.to_string(), found.node)),
            _ => None,
        });
        Self(types.collect())
    }

    /// Fields of an object or interface type.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        let fields = match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// Members of an input type.
    pub fn members(&self, name: &str) -> Vec<&InputValueDefinition> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::InputObject(input)) => input.fields.iter().map(|member| &member.node).collect(),
            _ => Vec::new(),
        }
    }

    /// Values of an enum.
    pub fn values(&self, name: &str) -> Vec<String> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Enum(choice)) => {
                choice.values.iter().map(|value| value.node.value.node.to_string()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Names of all object types.
    pub fn objects(&self) -> Vec<&str> {
        let objects = self.0.iter().filter(|(_, found)| matches!(found.kind, TypeKind::Object(_)));
        let mut names: Vec<&str> = objects.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Whether a type has fields below it.
    pub fn is_composite(&self, name: &str) -> bool {
        let found = self.0.get(name);
        found.is_some_and(|found| matches!(found.kind, TypeKind::Object(_) | TypeKind::Interface(_)))
    }

    /// A value of a type, as small as it may be.
    pub fn sample(&self, of: &Type) -> String {
        match &of.base {
            BaseType::List(inner) => format!("[{}]", self.sample(inner)),
            BaseType::Named(name) => self.sample_named(name),
        }
    }

    fn sample_named(&self, name: &str) -> String {
        match name {
            "Int" | "Long" => return "1".to_owned(),
            "Float" => return "1.5".to_owned(),
            "Boolean" => return "true".to_owned(),
            "Reference" => return "{number: 1}".to_owned(),
            "MoneyInput" => return "{amount: \"1.00\"}".to_owned(),
            _ => {}
        }
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Enum(_)) => self.values(name).remove(0),
            Some(TypeKind::InputObject(_)) => {
                let required = self.members(name).into_iter().filter(|member| !member.ty.node.nullable);
                let members = required.map(|member| format!("{}: {}", member.name.node, self.sample(&member.ty.node)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            _ => format!("\"{}\"", sample_text(name)),
        }
    }

    /// The smallest call of a field: required arguments, and one member of what it answers.
    pub fn call(&self, field: &FieldDefinition) -> String {
        let required = field.arguments.iter().filter(|argument| !argument.node.ty.node.nullable);
        let arguments: Vec<String> =
            required.map(|found| format!("{}: {}", found.node.name.node, self.sample(&found.node.ty.node))).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let below = if self.is_composite(innermost(&field.ty.node)) { " { __typename }" } else { "" };
        format!("{}{arguments}{below}", field.name.node)
    }
}

fn sample_text(name: &str) -> &'static str {
    match name {
        "DateTime" => "2026-05-01T00:00:00Z",
        "Date" => "2026-05-01",
        "YearMonth" => "2026-05",
        "Decimal" => "1.00",
        "EmailAddress" => "nobody@example.com",
        "URL" => "https://example.com/",
        "UUID" => "00000000-0000-4000-8000-000000000000",
        "CurrencyCode" => "EUR",
        "PhoneNumber" => "+2348011223344",
        _ => "x",
    }
}

/// The name inside lists.
pub fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::List(inner) => innermost(inner),
        BaseType::Named(name) => name,
    }
}

/// Whether a type is a list.
pub fn is_list(of: &Type) -> bool {
    matches!(of.base, BaseType::List(_))
}

/// Whether a field carries a directive.
pub fn is_marked(field: &FieldDefinition, directive: &str) -> bool {
    field.directives.iter().any(|found| found.node.name.node == directive)
}
