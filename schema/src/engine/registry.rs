//! Fills async-graphql's registry from the document, so that its validation and introspection know every type.
//! The scalars' checks look at the kind of value only; what a text means is checked where it is used.

use async_graphql::{
    Positioned, Value,
    indexmap::IndexMap,
    parser::types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind},
    registry::{MetaEnumValue, MetaField, MetaInputValue, MetaType, Registry},
};

use super::document::{BUILT_IN, Document, directive};

/// Adds every type. The built-in scalars are async-graphql's own, but for what they take: its `Int` has 64 bits.
pub fn fill(document: &Document, registry: &mut Registry) {
    for name in BUILT_IN {
        let description = match registry.types.get(name) {
            Some(MetaType::Scalar { description, .. }) => description.clone(),
            _ => None,
        };
        registry.types.insert(name.to_owned(), scalar(name, description));
    }
    for (name, found) in &document.types {
        registry.types.insert(name.clone(), meta(document, found));
        let interfaces = match &found.kind {
            TypeKind::Object(object) => &object.implements,
            TypeKind::Interface(interface) => &interface.implements,
            _ => continue,
        };
        for interface in interfaces {
            registry.add_implements(name, &interface.node);
        }
    }
}

fn meta(document: &Document, found: &TypeDefinition) -> MetaType {
    let name = found.name.node.to_string();
    let description = found.description.as_ref().map(|text| text.node.clone());
    match &found.kind {
        TypeKind::Scalar => scalar(&name, description),
        TypeKind::Union(union) => MetaType::Union {
            possible_types: union.members.iter().map(|member| member.node.to_string()).collect(),
            name,
            description,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            directive_invocations: Vec::new(),
        },
        TypeKind::Object(object) => object_type(found, fields(&object.fields), description),
        TypeKind::Interface(interface) => MetaType::Interface {
            possible_types: possible(document, &name),
            fields: fields(&interface.fields),
            name,
            description,
            extends: false,
            keys: None,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        },
        TypeKind::Enum(choice) => MetaType::Enum {
            enum_values: choice.values.iter().map(|value| enum_value(&value.node)).collect(),
            name,
            description,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        },
        TypeKind::InputObject(input) => MetaType::InputObject {
            input_fields: values(&input.fields),
            name,
            description,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            oneof: false,
            directive_invocations: Vec::new(),
        },
    }
}

fn object_type(found: &TypeDefinition, fields: IndexMap<String, MetaField>, description: Option<String>) -> MetaType {
    MetaType::Object {
        name: found.name.node.to_string(),
        description,
        fields,
        cache_control: async_graphql::CacheControl::default(),
        extends: false,
        shareable: directive(&found.directives, "shareable").is_some(),
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: found.name.node == "Subscription",
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn possible(document: &Document, interface: &str) -> async_graphql::indexmap::IndexSet<String> {
    let implements = |found: &TypeDefinition| match &found.kind {
        TypeKind::Object(object) => object.implements.iter().any(|name| name.node == interface),
        _ => false,
    };
    document.types.iter().filter(|(_, found)| implements(found)).map(|(name, _)| name.clone()).collect()
}

fn enum_value(value: &async_graphql::parser::types::EnumValueDefinition) -> (String, MetaEnumValue) {
    let name = value.value.node.to_string();
    let meta = MetaEnumValue {
        name: name.clone(),
        description: value.description.as_ref().map(|text| text.node.clone()),
        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    };
    (name, meta)
}

fn fields(found: &[Positioned<FieldDefinition>]) -> IndexMap<String, MetaField> {
    found
        .iter()
        .map(|field| {
            let name = field.node.name.node.to_string();
            let meta = MetaField {
                name: name.clone(),
                description: field.node.description.as_ref().map(|text| text.node.clone()),
                args: values(&field.node.arguments),
                ty: field.node.ty.node.to_string(),
                deprecation: async_graphql::registry::Deprecation::NoDeprecated,
                cache_control: async_graphql::CacheControl::default(),
                external: false,
                requires: None,
                provides: None,
                visible: None,
                shareable: false,
                inaccessible: false,
                tags: Vec::new(),
                override_from: None,
                compute_complexity: None,
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            };
            (name, meta)
        })
        .collect()
}

fn values(found: &[Positioned<InputValueDefinition>]) -> IndexMap<String, MetaInputValue> {
    found
        .iter()
        .map(|value| {
            let name = value.node.name.node.to_string();
            let meta = MetaInputValue {
                name: name.clone(),
                description: value.node.description.as_ref().map(|text| text.node.clone()),
                ty: value.node.ty.node.to_string(),
                deprecation: async_graphql::registry::Deprecation::NoDeprecated,
                default_value: value.node.default_value.as_ref().map(|default| default.node.to_string()),
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                is_secret: false,
                directive_invocations: Vec::new(),
            };
            (name, meta)
        })
        .collect()
}

/// Whether a value is of the kind that a scalar has.
#[must_use]
pub fn is_of_kind(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("JSON" | "_Any", _) | ("Float" | "Decimal", Value::Number(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("Long" | "ID", Value::Number(number)) => number.is_i64(),
        ("Int" | "Long" | "Float" | "Boolean", _) => false,
        (_, value) => matches!(value, Value::String(_)),
    }
}

fn scalar(name: &str, description: Option<String>) -> MetaType {
    let own = name.to_owned();
    MetaType::Scalar {
        name: name.to_owned(),
        description,
        is_valid: Some(std::sync::Arc::new(move |value| is_of_kind(&own, value))),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
