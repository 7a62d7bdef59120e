//! Whether variables have values, and plainly of their declared types. What is not plain is left to the validation of
//! async-graphql, which says what is wrong.

use async_graphql::{
    Positioned, Value, Variables,
    parser::types::{BaseType, OperationDefinition, VariableDefinition},
};

use super::refusal::Refusal;
use crate::engine::{MODEL, model::Argument, registry::is_of_kind};

/// Looks for variables that must have a value and have none, which the validation of async-graphql does not.
///
/// # Errors
/// The first one.
pub fn check_presence(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    let is_missing = |definition: &VariableDefinition| {
        let default = definition.default_value.as_ref().map(|value| &value.node);
        let value = variables.get(&definition.name.node).or(default);
        !definition.var_type.node.nullable && value.is_none_or(|value| *value == Value::Null)
    };
    match operation.variable_definitions.iter().find(|definition| is_missing(&definition.node)) {
        None => Ok(()),
        Some(found) => Err(Refusal::NoValue { name: found.node.name.node.to_string(), position: found.pos }),
    }
}

/// Looks for values of another type than that of their variable; the validation of async-graphql overlooks some.
///
/// # Errors
/// The first one.
pub fn check_types(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    let is_wrong = |definition: &VariableDefinition| {
        let value = variables.get(&definition.name.node).filter(|value| **value != Value::Null);
        value.is_some_and(|value| !is_of(&definition.var_type.node.base, value))
    };
    match operation.variable_definitions.iter().find(|definition| is_wrong(&definition.node)) {
        None => Ok(()),
        Some(Positioned { node, pos }) => {
            let (name, of) = (node.name.node.to_string(), node.var_type.node.to_string());
            Err(Refusal::WrongValue { name, of, position: *pos })
        }
    }
}

/// Whether all variables of an operation that are given have values of their types. Null may not stand everywhere.
#[must_use]
pub fn fit(operation: &OperationDefinition, variables: &Variables) -> bool {
    let is_null =
        |definition: &Positioned<VariableDefinition>| variables.get(&definition.node.name.node) == Some(&Value::Null);
    !operation.variable_definitions.iter().any(is_null) && check_types(operation, variables).is_ok()
}

fn is_of(of: &BaseType, value: &Value) -> bool {
    match (of, value) {
        (BaseType::List(of), Value::List(items)) => {
            items.iter().all(|item| of.nullable && *item == Value::Null || is_of(&of.base, item))
        }
        (BaseType::List(of), value) => is_of(&of.base, value),
        (BaseType::Named(name), value) => is_one(name, value),
    }
}

fn is_one(name: &str, value: &Value) -> bool {
    if let Some(words) = MODEL.enums.get(name) {
        return matches!(value, Value::String(word) if words.iter().any(|found| found.name == *word))
            || matches!(value, Value::Enum(word) if words.iter().any(|found| found.name == word.as_str()));
    }
    match MODEL.inputs.get(name) {
        None => is_of_kind(name, value),
        Some(declared) => matches!(value, Value::Object(given) if {
            let known = declared.iter().filter(|member| given.contains_key(member.name.as_str())).count();
            known == given.len() && declared.iter().all(|member| is_member(member, given.get(member.name.as_str())))
        }),
    }
}

fn is_member(Argument { of, default, .. }: &Argument, value: Option<&Value>) -> bool {
    match value {
        None => !of.is_required || default.is_some(),
        Some(Value::Null) => !of.is_required,
        Some(Value::List(items)) if of.is_list => {
            items.iter().all(|item| of.has_nulls && *item == Value::Null || is_one(&of.name, item))
        }
        Some(value) => is_one(&of.name, value),
    }
}
