//! JSON schemas of what comes in.

use serde_json::{Value, json};

use super::scalar;
use crate::{
    catalog::System,
    endpoint::{BodyKind, Endpoint, Parameter, Place},
    input::{Inputs, Kind, Member, Named, Type},
    listing::{Envelope, Listing},
    shape::OTHERS,
};

/// Parameters outside of the body.
pub fn parameters(inputs: &Inputs, system: &System, endpoint: &Endpoint) -> Vec<Value> {
    let place = |parameter: &Parameter| match parameter.place {
        Place::Path => Some("path"),
        Place::Query => Some("query"),
        Place::Header => Some("header"),
        Place::Body | Place::WholeBody | Place::Listing => None,
    };
    let outside = endpoint.parameters.iter().filter_map(|parameter| Some((parameter, place(parameter)?)));
    let written = outside.map(|(parameter, place)| {
        let mut schema = schema(inputs, system, parameter);
        if parameter.place == Place::Path && schema["type"] == "integer" {
            schema["minimum"] = 1.into();
        }
        if parameter.is_comma_separated {
            schema = json!({ "type": "string", "description": "Several values, separated by commas." });
        }
        let required = parameter.place == Place::Path || parameter.is_required();
        json!({ "name": name(parameter), "in": place, "required": required, "schema": schema })
    });
    written.chain(endpoint.listing.iter().flat_map(|listing| listed(inputs, listing))).collect()
}

/// What a list takes by convention: the page, the order, and each condition.
fn listed(inputs: &Inputs, listing: &Listing) -> Vec<Value> {
    let mut schemas = vec![
        ("search", json!({ "type": "string" })),
        ("sort", json!({ "type": "string" })),
        ("populatedKeys", json!({ "type": "array", "items": { "type": "string" } })),
    ];
    if listing.envelope == Envelope::B {
        schemas.push(("limit", json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 })));
        schemas.push(("offset", json!({ "type": "integer", "minimum": 0, "default": 0 })));
        schemas.push(("order", json!({ "type": "string", "enum": ["asc", "desc"], "default": "desc" })));
        schemas.push(("filter", json!({ "type": "string", "description": "Conditions as a JSON object." })));
    } else {
        schemas.push(("page", json!({ "type": "integer", "minimum": 1, "default": 1 })));
        schemas.push(("per_page", json!({ "type": "integer", "minimum": 1 })));
        schemas.push(("sortBy", json!({ "type": "string", "description": "A list of `field` and `type`, as JSON." })));
    }
    let members = match listing.filter.as_ref().and_then(|filter| inputs.get(filter)) {
        Some(Named::Input(members)) => members.as_slice(),
        _ => &[],
    };
    let conditions = members.iter().filter(|member| !["and", "or", "not"].contains(&member.name.as_str()));
    let conditions = conditions.map(|member| {
        let name = if member.name == "recordId" { "_id" } else { &member.name };
        (name, json!({ "type": "array", "items": { "type": "string" } }))
    });
    let named = schemas.into_iter().chain(conditions);
    named.map(|(name, schema)| json!({ "name": name, "in": "query", "required": false, "schema": schema })).collect()
}

/// Dots stand for brackets in query strings.
fn name(parameter: &Parameter) -> String {
    match parameter.name.split_once('.') {
        Some((first, rest)) => format!("{first}[{}]", rest.replace('.', "][")),
        None => parameter.name.clone(),
    }
}

/// The body; none if there is none.
pub fn body(inputs: &Inputs, system: &System, endpoint: &Endpoint) -> Option<Value> {
    let media_type = match endpoint.body {
        BodyKind::None => return None,
        BodyKind::Json => "application/json",
        BodyKind::Form => "application/x-www-form-urlencoded",
        BodyKind::Multipart => "multipart/form-data",
    };
    let whole = endpoint.parameters.iter().find(|parameter| parameter.place == Place::WholeBody);
    let schema = match whole {
        Some(parameter) => schema(inputs, system, parameter),
        None => members(inputs, system, endpoint),
    };
    let is_required = endpoint.parameters.iter().any(|parameter| {
        matches!(parameter.place, Place::Body | Place::WholeBody)
            && (parameter.is_required() || parameter.when.is_some())
    });
    Some(json!({ "required": is_required, "content": { media_type: { "schema": schema } } }))
}

fn members(inputs: &Inputs, system: &System, endpoint: &Endpoint) -> Value {
    let mut object = json!({ "type": "object", "properties": {} });
    for parameter in endpoint.parameters.iter().filter(|parameter| parameter.place == Place::Body) {
        if let Some((member, value)) = &parameter.when {
            let value: Value = serde_json::from_str(value).unwrap_or_else(|_| value.clone().into());
            add_choice(&mut object, member, value);
        }
        let path: Vec<&str> = parameter.name.split('.').collect();
        let is_required = parameter.is_required() || parameter.when.is_some();
        add(&mut object, &path, schema(inputs, system, parameter), is_required);
    }
    object
}

fn add(object: &mut Value, path: &[&str], schema: Value, is_required: bool) {
    let Some((first, rest)) = path.split_first() else { return };
    let slot = &mut object["properties"][*first];
    if rest.is_empty() {
        *slot = schema;
    } else {
        if slot.is_null() {
            *slot = json!({ "type": "object", "properties": {} });
        }
        add(slot, rest, schema, is_required);
    }
    if is_required {
        require(object, first);
    }
}

fn require(object: &mut Value, name: &str) {
    if object["required"].is_null() {
        object["required"] = json!([]);
    }
    if let Some(required) = object["required"].as_array_mut()
        && !required.iter().any(|known| known == name)
    {
        required.push(name.into());
    }
}

/// One more value of a member that says which variable is meant.
fn add_choice(object: &mut Value, member: &str, value: Value) {
    let known = object["properties"][member]["enum"].as_array().cloned().unwrap_or_default();
    let values: Vec<Value> = known.into_iter().chain([value]).collect();
    object["properties"][member] = scalar::one_of(&values);
    require(object, member);
}

fn schema(inputs: &Inputs, system: &System, parameter: &Parameter) -> Value {
    let mut schema = match &parameter.choices {
        Some(table) => choices(system, table),
        None => of_type(inputs, system, &parameter.of, parameter, 0),
    };
    if let Some(default) = parameter.default.as_ref().filter(|_| parameter.choices.is_none())
        && !default.is_array()
    {
        schema["default"] = word_of(system, parameter.of.name(), default);
    }
    schema
}

fn choices(system: &System, table: &str) -> Value {
    let words = system.settings.choices.get(table);
    let names: Vec<Value> = words.into_iter().flat_map(|words| words.keys().cloned().map(Value::from)).collect();
    scalar::one_of(&names)
}

/// A default in the words of the system.
fn word_of(system: &System, name: &str, default: &Value) -> Value {
    let words = system.settings.words.get(name);
    words.and_then(|words| words.get(default.as_str()?)).unwrap_or(default).clone()
}

fn of_type(inputs: &Inputs, system: &System, of: &Type, parameter: &Parameter, depth: usize) -> Value {
    match &of.kind {
        Kind::List(item) => {
            let mut list = json!({ "type": "array", "items": of_type(inputs, system, item, parameter, depth) });
            if let Some(min) = parameter.limits.min_length {
                list["minItems"] = min.into();
            }
            list
        }
        Kind::Named(name) => match inputs.get(name) {
            Some(Named::Input(_)) if depth > 4 => json!({ "type": "object" }),
            Some(Named::Input(_)) => rows(inputs, system, name, parameter, depth),
            Some(Named::Enum(values)) => words(system, name, values, parameter),
            _ => limited(scalar::schema(inputs, if name == "Decimal" { "Float" } else { name }), parameter),
        },
    }
}

fn rows(inputs: &Inputs, system: &System, name: &str, parameter: &Parameter, depth: usize) -> Value {
    let mut object = json!({ "type": "object", "properties": {} });
    let Some(Named::Input(members)) = inputs.get(name) else { return object };
    let own = members.iter().map(|member| (member.name.clone(), vec![member.name.clone()]));
    // Names of rows are those of the outermost type.
    let mut named: Vec<(String, Vec<String>)> = match &parameter.rows {
        Some(rows) if depth == 0 => rows.iter().map(|(key, path)| (key.clone(), path.clone())).collect(),
        _ => own.collect(),
    };
    named.sort();
    for (key, path) in named {
        let Some(member) = at(inputs, members, &path) else { continue };
        let schema = of_type(inputs, system, &member.of, parameter, depth + 1);
        add(&mut object, &[key.as_str()], schema, member.of.is_required && !member.has_default);
    }
    object
}

/// The member at a path of inputs.
fn at<'a>(inputs: &'a Inputs, members: &'a [Member], path: &[String]) -> Option<&'a Member> {
    let (first, rest) = path.split_first()?;
    let member = members.iter().find(|member| member.name == *first)?;
    match inputs.get(member.of.name()) {
        _ if rest.is_empty() => Some(member),
        Some(Named::Input(inner)) => at(inputs, inner, rest),
        _ => None,
    }
}

fn words(system: &System, name: &str, values: &[String], parameter: &Parameter) -> Value {
    let Some(words) = system.settings.words.get(name) else { return json!({ "type": "string", "enum": values }) };
    let is_within = |word: &Value| match word.as_f64() {
        Some(number) => {
            parameter.limits.min.is_none_or(|min| number >= min) && parameter.limits.max.is_none_or(|max| number <= max)
        }
        None => true,
    };
    let known = words.iter().filter(|(name, word)| *name != OTHERS && is_within(word)).map(|(_, word)| word.clone());
    let mut known: Vec<Value> = known.collect();
    known.sort_by_key(ToString::to_string);
    known.dedup();
    scalar::one_of(&known)
}

fn limited(mut schema: Value, parameter: &Parameter) -> Value {
    let limits = &parameter.limits;
    if let Some(members) = schema.as_object_mut() {
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        set("minimum", limits.min.map(number));
        set("maximum", limits.max.map(number));
        if !matches!(parameter.of.kind, Kind::List(_)) {
            set("minLength", limits.min_length.map(Value::from));
            set("maxLength", limits.max_length.map(Value::from));
        }
        set("pattern", limits.pattern.as_ref().map(|pattern| pattern.as_str().into()));
    }
    schema
}

/// Without a point where it says nothing.
fn number(value: f64) -> Value {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|_| value.into())
}
