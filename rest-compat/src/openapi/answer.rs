//! JSON schemas of answers: what the writer does to values, done to their types.

use serde_json::{Map, Value, json};

use super::scalar;
use crate::{
    endpoint::{Batch, Endpoint},
    input::Inputs,
    shape::{Leaf, Member, Node, Role, Shape},
};

/// The members of an object so far.
#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<String>,
}

/// What an endpoint answers.
pub fn schema(inputs: &Inputs, endpoint: &Endpoint) -> Value {
    match &endpoint.batch {
        Some(batch) => of_batch(batch, &plain_schema(inputs, endpoint)),
        None => plain_schema(inputs, endpoint),
    }
}

/// What a table of failures answers in the place of that: its own values, and failures where it says so.
pub fn refusal(body: &str) -> Option<Value> {
    let Value::Object(members) = serde_json::from_str(body).ok()? else { return None };
    let required: Vec<&String> = members.keys().collect();
    let of = |value: &Value| match value {
        Value::String(text) if text.starts_with('$') => json!({}),
        value => json!({ "const": value }),
    };
    let properties: Map<String, Value> = members.iter().map(|(name, value)| (name.clone(), of(value))).collect();
    Some(json!({ "type": "object", "properties": properties, "required": required }))
}

/// Accepted rows as the operation answers them, rejected ones as they came.
fn of_batch(batch: &Batch, operation: &Value) -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let names = [batch.accepted.as_str(), batch.rejected.as_str()];
    let mut counts = json!({
        "type": "object", "properties": { names[0]: count, names[1]: count }, "required": names,
    });
    for name in batch.counts.iter().skip(1).rev() {
        counts = json!({ "type": "object", "properties": { name: counts }, "required": [name] });
    }
    let text = json!({ "type": "string" });
    let reason = json!({
        "type": "object", "properties": { "message": text, "rule": text }, "required": ["message", "rule"],
    });
    let rejected = json!({
        "type": "object",
        "properties": { "reasons": { "type": "object", "additionalProperties": reason } },
        "required": ["reasons"],
        "additionalProperties": true,
    });
    let first = batch.counts.first().cloned().unwrap_or_default();
    json!({
        "type": "object",
        "properties": {
            &first: counts,
            "accepted": operation["properties"]["accepted"],
            "rejected": { "type": "array", "items": rejected },
        },
        "required": [first, "accepted", "rejected"],
    })
}

fn plain_schema(inputs: &Inputs, endpoint: &Endpoint) -> Value {
    if endpoint.is_bare {
        return endpoint.shape.first().map_or(Value::Null, |member| value(inputs, &member.node, endpoint.omits_nulls));
    }
    let mut object = Object::default();
    for (name, json) in &endpoint.with {
        let constant: Value = serde_json::from_str(json).unwrap_or_default();
        object.properties.insert(name.clone(), json!({ "const": constant }));
        object.required.push(name.clone());
    }
    // A root field that may be missing is answered with 404, unless it may be null.
    let mut inner = Object::default();
    for member in &endpoint.shape {
        add(
            inputs,
            member,
            (endpoint.may_be_null && member.node.of.is_nullable, endpoint.omits_nulls, true),
            &mut inner,
        );
    }
    if let Some(under) = &endpoint.under {
        object.properties.insert(under.clone(), inner.schema());
        object.required.push(under.clone());
    } else {
        object.properties.extend(inner.properties);
        object.required.extend(inner.required);
    }
    object.schema()
}

impl Object {
    fn schema(mut self) -> Value {
        self.required.sort();
        // Of two members of one name, of which one is left out, each says so.
        self.required.dedup();
        json!({ "type": "object", "properties": self.properties, "required": self.required })
    }
}

fn object(inputs: &Inputs, shape: &Shape, omits_nulls: bool) -> Value {
    let mut object = Object::default();
    for member in shape {
        add(inputs, member, (false, omits_nulls, false), &mut object);
    }
    object.schema()
}

/// Adds a member, or those that are spread. `is_nullable` holds below an object that may be null.
fn add(inputs: &Inputs, member: &Member, (is_nullable, omits_nulls, is_root): (bool, bool, bool), object: &mut Object) {
    let node = &member.node;
    if node.role != Role::Shown {
        return;
    }
    if node.is_spread {
        let is_nullable = is_nullable || (node.of.is_nullable && !is_root);
        for inner in &node.members {
            add(inputs, inner, (is_nullable, omits_nulls, false), object);
        }
        return;
    }
    let mut schema = if is_root { plain(inputs, node, omits_nulls) } else { value(inputs, node, omits_nulls) };
    let is_null = is_nullable && node.if_null.is_none();
    let says_so = node.of.is_nullable && !is_root;
    if is_null && !says_so && !omits_nulls {
        schema = scalar::or_null(schema);
    }
    if let (Some(text), Some(schema)) = (&node.of.description, schema.as_object_mut()) {
        schema.entry("description").or_insert_with(|| text.clone().into());
    }
    object.properties.insert(member.key.clone(), schema);
    let can_be_absent = omits_nulls && (is_null || node.of.is_nullable);
    if !member.is_conditional && !can_be_absent {
        object.required.push(member.key.clone());
    }
}

/// A value, or null if it may be.
fn value(inputs: &Inputs, node: &Node, omits_nulls: bool) -> Value {
    let schema = plain(inputs, node, omits_nulls);
    let is_nullable = node.of.is_nullable && node.if_null.is_none() && !omits_nulls;
    if is_nullable { scalar::or_null(schema) } else { schema }
}

fn plain(inputs: &Inputs, node: &Node, omits_nulls: bool) -> Value {
    if node.is_keyed {
        return json!({ "type": "object", "additionalProperties": true });
    }
    let one = if node.is_pick {
        picked(inputs, node, omits_nulls)
    } else if !node.members.is_empty() {
        object(inputs, &node.members, omits_nulls)
    } else {
        leaf(inputs, node)
    };
    if node.of.is_list { json!({ "type": "array", "items": one }) } else { one }
}

fn picked(inputs: &Inputs, node: &Node, omits_nulls: bool) -> Value {
    let member = node.members.iter().find(|member| member.node.role == Role::Shown);
    member.map_or_else(|| json!({}), |member| value(inputs, &member.node, omits_nulls))
}

fn leaf(inputs: &Inputs, node: &Node) -> Value {
    match node.leaves.first() {
        None => scalar::schema(inputs, &node.of.name),
        Some(Leaf::Number) => json!({ "type": "number" }),
        Some(Leaf::Flag) => json!({ "type": "integer", "enum": [0, 1] }),
        Some(Leaf::Day) => json!({ "type": "string", "format": "date" }),
        Some(Leaf::Local | Leaf::Prefix(_)) => json!({ "type": "string" }),
        Some(Leaf::Word(words)) => {
            let mut texts: Vec<&String> = words.values().collect();
            texts.sort();
            texts.dedup();
            let values: Vec<Value> = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
            scalar::one_of(&values)
        }
    }
}
