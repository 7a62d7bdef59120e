//! Reads the arguments of `@rest`, `@param` and `@as`. They have been checked against `directives.graphql`.

use apollo_compiler::{
    Node,
    ast::{Directive, Value},
};

/// The arguments of one directive.
pub struct Arguments<'a>(pub &'a Directive);

impl<'a> Arguments<'a> {
    /// A literal; none if it was not given or is null.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a Node<Value>> {
        self.0.specified_argument_by_name(name).filter(|value| !matches!(&***value, Value::Null))
    }

    /// A text, or the name of an enum value.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        match &**self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Enum(name) => Some(name.to_string()),
            _ => None,
        }
    }

    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        matches!(self.value(name).map(|value| &**value), Some(Value::Boolean(true)))
    }

    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        match &**self.value(name)? {
            Value::Int(number) => number.try_to_f64().ok(),
            Value::Float(number) => number.try_to_f64().ok(),
            _ => None,
        }
    }

    /// A list of texts; empty if it is not given.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let text = |value: &Node<Value>| value.as_str().map(str::to_owned);
        match self.value(name).map(|value| &**value) {
            Some(Value::List(items)) => items.iter().filter_map(text).collect(),
            Some(one) => one.as_str().map(str::to_owned).into_iter().collect(),
            None => Vec::new(),
        }
    }

    #[must_use]
    pub fn count(&self, name: &str) -> Option<usize> {
        match &**self.value(name)? {
            Value::Int(number) => number.as_str().parse().ok(),
            _ => None,
        }
    }
}

/// The forms of `@as`, one or several.
#[must_use]
pub fn form_names(directive: &Directive) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::Enum(name) => Some(name.to_string()),
        _ => None,
    };
    match Arguments(directive).value("form").map(|value| &**value) {
        Some(Value::List(items)) => items.iter().filter_map(|item| name(item)).collect(),
        Some(one) => name(one).into_iter().collect(),
        None => Vec::new(),
    }
}
