//! Arguments as the schema's types want them: variables put in, defaults filled in, single values of lists
//! wrapped. `{}` of a reference, an amount or a phone number counts as absent, `{number: null}` as null, so that
//! one operation with optional variables serves many calls.

use async_graphql::{Name, Value, indexmap::IndexMap, parser::types::Field};
use async_graphql_value::Value as Written;

use super::{
    model::{Argument, Type},
    request::Request,
};

/// Coerced arguments by name.
pub type Arguments = IndexMap<Name, Value>;

/// Inputs of which an empty object counts as absent.
const ABSENT_IF_EMPTY: [&str; 3] = ["Reference", "MoneyInput", "PhoneInput"];

/// The arguments of a field.
#[must_use]
pub fn arguments(request: &Request<'_>, declared: &[Argument], field: &Field) -> Arguments {
    let mut out = Arguments::new();
    for argument in declared {
        let given = field.get_argument(&argument.name).and_then(|value| constant(request, &value.node));
        if let Some(value) = member(request, argument, given) {
            out.insert(Name::new(&argument.name), value);
        }
    }
    out
}

fn member(request: &Request<'_>, declared: &Argument, given: Option<Value>) -> Option<Value> {
    match given {
        Some(value) => coerce(request, &declared.of, value),
        None => declared.default.clone(),
    }
}

/// A value as its type wants it; none if it counts as absent.
fn coerce(request: &Request<'_>, of: &Type, value: Value) -> Option<Value> {
    match value {
        Value::Null => Some(Value::Null),
        Value::List(items) => {
            let item = Type { is_list: false, ..of.clone() };
            Some(Value::List(items.into_iter().filter_map(|value| coerce(request, &item, value)).collect()))
        }
        value if of.is_list => {
            let item = Type { is_list: false, ..of.clone() };
            coerce(request, &item, value).map(|value| Value::List(vec![value]))
        }
        Value::Object(given) => object(request, of, given),
        Value::String(text) if request.model().enums.contains_key(&of.name) => Some(Value::Enum(Name::new(text))),
        value => Some(value),
    }
}

fn object(request: &Request<'_>, of: &Type, mut given: IndexMap<Name, Value>) -> Option<Value> {
    let Some(members) = request.model().inputs.get(&of.name) else {
        return Some(Value::Object(given));
    };
    let mut out = IndexMap::new();
    for declared in members {
        let value = given.shift_remove(declared.name.as_str());
        if let Some(value) = member(request, declared, value) {
            out.insert(Name::new(&declared.name), value);
        }
    }
    if ABSENT_IF_EMPTY.contains(&of.name.as_str()) {
        if out.is_empty() {
            return None;
        }
        if out.values().all(|value| *value == Value::Null) {
            return Some(Value::Null);
        }
    }
    Some(Value::Object(out))
}

/// A written value with its variables put in; none for a variable that was not given.
#[must_use]
pub fn constant(request: &Request<'_>, value: &Written) -> Option<Value> {
    Some(match value {
        Written::Variable(name) => return request.variable(name),
        Written::Null => Value::Null,
        Written::Number(number) => Value::Number(number.clone()),
        Written::String(text) => Value::String(text.clone()),
        Written::Boolean(is) => Value::Boolean(*is),
        Written::Binary(bytes) => Value::Binary(bytes.clone()),
        Written::Enum(name) => Value::Enum(name.clone()),
        Written::List(items) => {
            Value::List(items.iter().map(|item| constant(request, item).unwrap_or(Value::Null)).collect())
        }
        Written::Object(members) => Value::Object(
            members.iter().filter_map(|(name, value)| Some((name.clone(), constant(request, value)?))).collect(),
        ),
    })
}
